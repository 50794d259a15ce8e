/// A grant of a list of grants.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html>
package struct GrantListEntry: Codable, Hashable, Sendable {
    /// The ARN of the key.
    package let keyID: String
    /// 64 lowercase hex digits.
    package let grantID: String
    package let name: String?
    package let creationDate: Timestamp?
    package let granteePrincipal: String?
    package let retiringPrincipal: String?
    /// The principal that made the grant.
    package let issuingAccount: String?
    package let operations: [GrantOperation]
    package let constraints: GrantConstraints?
    package let granteeServicePrincipal: String?
    package let retiringServicePrincipal: String?

    package init(
        keyID: String,
        grantID: String,
        operations: [GrantOperation],
        name: String? = nil,
        creationDate: Timestamp? = nil,
        granteePrincipal: String? = nil,
        retiringPrincipal: String? = nil,
        issuingAccount: String? = nil,
        constraints: GrantConstraints? = nil,
        granteeServicePrincipal: String? = nil,
        retiringServicePrincipal: String? = nil
    ) {
        self.keyID = keyID
        self.grantID = grantID
        self.name = name
        self.creationDate = creationDate
        self.granteePrincipal = granteePrincipal
        self.retiringPrincipal = retiringPrincipal
        self.issuingAccount = issuingAccount
        self.operations = operations
        self.constraints = constraints
        self.granteeServicePrincipal = granteeServicePrincipal
        self.retiringServicePrincipal = retiringServicePrincipal
    }

    private enum CodingKeys: String, CodingKey {
        case keyID = "KeyId"
        case grantID = "GrantId"
        case name = "Name"
        case creationDate = "CreationDate"
        case granteePrincipal = "GranteePrincipal"
        case retiringPrincipal = "RetiringPrincipal"
        case issuingAccount = "IssuingAccount"
        case operations = "Operations"
        case constraints = "Constraints"
        case granteeServicePrincipal = "GranteeServicePrincipal"
        case retiringServicePrincipal = "RetiringServicePrincipal"
    }
}
