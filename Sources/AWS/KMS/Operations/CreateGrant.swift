/// Allows somebody operations on a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
package enum CreateGrant: KMSOperation {
    package static let name = "CreateGrant"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        package let granteePrincipal: String?
        package let retiringPrincipal: String?
        package let operations: [GrantOperation]
        package let constraints: GrantConstraints?
        package let grantTokens: [String]?
        /// Makes a repeated call with the same members answer the same grant.
        package let name: String?
        package let dryRun: Bool?
        package let granteeServicePrincipal: String?
        package let retiringServicePrincipal: String?

        package init(
            keyID: String,
            operations: [GrantOperation],
            granteePrincipal: String? = nil,
            retiringPrincipal: String? = nil,
            constraints: GrantConstraints? = nil,
            grantTokens: [String]? = nil,
            name: String? = nil,
            dryRun: Bool? = nil,
            granteeServicePrincipal: String? = nil,
            retiringServicePrincipal: String? = nil
        ) {
            self.keyID = keyID
            self.granteePrincipal = granteePrincipal
            self.retiringPrincipal = retiringPrincipal
            self.operations = operations
            self.constraints = constraints
            self.grantTokens = grantTokens
            self.name = name
            self.dryRun = dryRun
            self.granteeServicePrincipal = granteeServicePrincipal
            self.retiringServicePrincipal = retiringServicePrincipal
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case granteePrincipal = "GranteePrincipal"
            case retiringPrincipal = "RetiringPrincipal"
            case operations = "Operations"
            case constraints = "Constraints"
            case grantTokens = "GrantTokens"
            case name = "Name"
            case dryRun = "DryRun"
            case granteeServicePrincipal = "GranteeServicePrincipal"
            case retiringServicePrincipal = "RetiringServicePrincipal"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// Lets the grantee use the grant at once, before it is known everywhere.
        package let grantToken: String
        /// 64 lowercase hex digits.
        package let grantID: String

        package init(grantToken: String, grantID: String) {
            self.grantToken = grantToken
            self.grantID = grantID
        }

        private enum CodingKeys: String, CodingKey {
            case grantToken = "GrantToken"
            case grantID = "GrantId"
        }
    }
}
