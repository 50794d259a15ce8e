/// Signs a message or its digest.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
package enum Sign: KMSOperation {
    package static let name = "Sign"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN, alias name or alias ARN.
        package let keyID: String
        /// 1 to 4096 bytes, or the digest, as `messageType` says.
        package let message: Blob
        /// RAW if absent.
        package let messageType: MessageType?
        package let grantTokens: [String]?
        package let signingAlgorithm: SigningAlgorithm
        package let dryRun: Bool?

        package init(
            keyID: String,
            message: Blob,
            signingAlgorithm: SigningAlgorithm,
            messageType: MessageType? = nil,
            grantTokens: [String]? = nil,
            dryRun: Bool? = nil
        ) {
            self.keyID = keyID
            self.message = message
            self.messageType = messageType
            self.grantTokens = grantTokens
            self.signingAlgorithm = signingAlgorithm
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case message = "Message"
            case messageType = "MessageType"
            case grantTokens = "GrantTokens"
            case signingAlgorithm = "SigningAlgorithm"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String
        /// PKCS #1 for RSA; DER of r and s for ECDSA.
        package let signature: Blob
        package let signingAlgorithm: SigningAlgorithm

        package init(keyID: String, signature: Blob, signingAlgorithm: SigningAlgorithm) {
            self.keyID = keyID
            self.signature = signature
            self.signingAlgorithm = signingAlgorithm
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case signature = "Signature"
            case signingAlgorithm = "SigningAlgorithm"
        }
    }
}
