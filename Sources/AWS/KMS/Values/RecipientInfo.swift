/// The enclave that an answer is to be encrypted for.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RecipientInfo.html>
package struct RecipientInfo: Codable, Hashable, Sendable {
    package let keyEncryptionAlgorithm: String?
    /// Signed by the Nitro enclave.
    package let attestationDocument: Blob?

    package init(keyEncryptionAlgorithm: String? = nil, attestationDocument: Blob? = nil) {
        self.keyEncryptionAlgorithm = keyEncryptionAlgorithm
        self.attestationDocument = attestationDocument
    }

    private enum CodingKeys: String, CodingKey {
        case keyEncryptionAlgorithm = "KeyEncryptionAlgorithm"
        case attestationDocument = "AttestationDocument"
    }
}
