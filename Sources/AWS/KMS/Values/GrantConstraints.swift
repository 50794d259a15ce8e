/// Which encryption contexts, and requests for which resource, a grant is for.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
package struct GrantConstraints: Codable, Hashable, Sendable {
    /// Pairs that the context must have among others.
    package let encryptionContextSubset: [String: String]?
    /// Pairs that the context must have, and no others.
    package let encryptionContextEquals: [String: String]?
    package let sourceARN: String?

    package init(
        encryptionContextSubset: [String: String]? = nil,
        encryptionContextEquals: [String: String]? = nil,
        sourceARN: String? = nil
    ) {
        self.encryptionContextSubset = encryptionContextSubset
        self.encryptionContextEquals = encryptionContextEquals
        self.sourceARN = sourceARN
    }

    private enum CodingKeys: String, CodingKey {
        case encryptionContextSubset = "EncryptionContextSubset"
        case encryptionContextEquals = "EncryptionContextEquals"
        case sourceARN = "SourceArn"
    }
}
