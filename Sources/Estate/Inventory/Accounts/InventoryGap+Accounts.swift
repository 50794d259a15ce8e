package import AWS

extension InventoryGap {
    /// An account whose role could not be assumed.
    ///
    /// - Parameters:
    ///   - role: Its ARN.
    ///   - place: The account, and the Region in which STS was asked.
    package static func closed(_ error: AWSError, to role: String, in place: InventoryPlace) -> Self {
        Self(error, "AssumeRole", of: role, "sts", in: place)
    }

    /// An account of whose Regions nobody knows which are enabled.
    package static func regionsUnknown(_ error: AWSError, in place: InventoryPlace) -> Self {
        Self(error, EnabledRegions.operation, of: nil, EnabledRegions.service.name, in: place)
    }

    /// Events that could not be read.
    package static func events(_ error: EstateError, in place: InventoryPlace) -> Self {
        Self(
            service: "cloudtrail", account: place.account, region: place.region, operation: "Records",
            resource: OutsideText(error.path), reason: .unusable, code: nil, message: OutsideText(error.reason))
    }

    /// An account of the organization that is not active, and so was not entered.
    package static func inactive(_ account: Organization.Account, in place: InventoryPlace) -> Self {
        Self(
            service: Organization.service.name, account: place.account, region: place.region,
            operation: Organization.operation, resource: account.arn.map(OutsideText.init), reason: .notActive,
            code: account.status.map(OutsideText.init), message: nil)
    }
}
