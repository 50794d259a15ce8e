/// Takes back a grant. A second call finds none: read the list after a lost answer.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html>
package enum RevokeGrant: KMSOperation {
    package static let name = "RevokeGrant"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        package let grantID: String
        package let dryRun: Bool?

        package init(keyID: String, grantID: String, dryRun: Bool? = nil) {
            self.keyID = keyID
            self.grantID = grantID
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case grantID = "GrantId"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
