/// A key of a list of keys.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyListEntry.html>
package struct KeyListEntry: Codable, Hashable, Sendable {
    /// The key's id.
    package let keyID: String
    package let keyARN: String

    package init(keyID: String, keyARN: String) {
        self.keyID = keyID
        self.keyARN = keyARN
    }

    private enum CodingKeys: String, CodingKey {
        case keyID = "KeyId"
        case keyARN = "KeyArn"
    }
}
