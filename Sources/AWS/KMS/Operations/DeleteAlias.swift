/// Deletes an alias, and nothing of its key. A second call finds none.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html>
package enum DeleteAlias: KMSOperation {
    package static let name = "DeleteAlias"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        package let aliasName: String

        package init(aliasName: String) {
            self.aliasName = aliasName
        }

        private enum CodingKeys: String, CodingKey {
            case aliasName = "AliasName"
        }
    }

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
