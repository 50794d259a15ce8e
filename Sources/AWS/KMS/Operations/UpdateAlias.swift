/// Moves an alias to another key of the same type and usage.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html>
package enum UpdateAlias: KMSOperation {
    package static let name = "UpdateAlias"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        package let aliasName: String
        package let targetKeyID: String

        package init(aliasName: String, targetKeyID: String) {
            self.aliasName = aliasName
            self.targetKeyID = targetKeyID
        }

        private enum CodingKeys: String, CodingKey {
            case aliasName = "AliasName"
            case targetKeyID = "TargetKeyId"
        }
    }

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
