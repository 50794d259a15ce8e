/// Verifies a signature; a wrong one is an error, not an answer.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html>
package enum Verify: KMSOperation {
    package static let name = "Verify"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN, alias name or alias ARN.
        package let keyID: String
        /// 1 to 4096 bytes, or the digest, as `messageType` says.
        package let message: Blob
        /// RAW if absent.
        package let messageType: MessageType?
        package let signature: Blob
        package let signingAlgorithm: SigningAlgorithm
        package let grantTokens: [String]?
        package let dryRun: Bool?

        package init(
            keyID: String,
            message: Blob,
            signature: Blob,
            signingAlgorithm: SigningAlgorithm,
            messageType: MessageType? = nil,
            grantTokens: [String]? = nil,
            dryRun: Bool? = nil
        ) {
            self.keyID = keyID
            self.message = message
            self.messageType = messageType
            self.signature = signature
            self.signingAlgorithm = signingAlgorithm
            self.grantTokens = grantTokens
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case message = "Message"
            case messageType = "MessageType"
            case signature = "Signature"
            case signingAlgorithm = "SigningAlgorithm"
            case grantTokens = "GrantTokens"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String
        package let signatureValid: Bool
        package let signingAlgorithm: SigningAlgorithm

        package init(keyID: String, signatureValid: Bool, signingAlgorithm: SigningAlgorithm) {
            self.keyID = keyID
            self.signatureValid = signatureValid
            self.signingAlgorithm = signingAlgorithm
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case signatureValid = "SignatureValid"
            case signingAlgorithm = "SigningAlgorithm"
        }
    }
}
