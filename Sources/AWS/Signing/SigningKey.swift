package import CryptoPrimitives

/// The key that signs a day's requests to one service of one Region, derived from a secret access key.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key>
package struct SigningKey: Sendable {
    private let key: SecretBytes
    private let scope: CredentialScope

    /// - Throws: `CryptoError` when memory cannot be locked.
    package init(secretAccessKey: SecretBytes, scope: CredentialScope) throws {
        let prefix = Array("AWS4".utf8)
        let start = try SecretBytes(capacity: prefix.count + secretAccessKey.count) { buffer in
            buffer.copyBytes(from: prefix)
            secretAccessKey.withUnsafeBytes { secret in
                UnsafeMutableRawBufferPointer(rebasing: buffer[prefix.count...]).copyMemory(from: secret)
            }
            return buffer.count
        }
        key = try [scope.day, scope.region, scope.service, "aws4_request"].reduce(start) { key, step in
            try HMACSHA256.authenticate(step.utf8, key: key)
        }
        self.scope = scope
    }

    /// The text that is signed: algorithm, time, scope and the canonical request's digest.
    package func stringToSign(_ request: CanonicalRequest, at time: SigningTime) -> String {
        ["AWS4-HMAC-SHA256", time.timestamp, scope.description, request.sha256.hex].joined(separator: "\n")
    }

    /// - Returns: The signature, 64 lowercase hex digits.
    package func signature(of request: CanonicalRequest, at time: SigningTime) throws -> String {
        Hex.encode(try HMACSHA256.code(of: stringToSign(request, at: time).utf8, key: key))
    }

    /// Whether `signature` is the right one, compared in constant time.
    package func accepts(_ signature: String, of request: CanonicalRequest, at time: SigningTime) throws -> Bool {
        guard let received = Hex.decode(signature) else { return false }
        let right = try HMACSHA256.authenticate(stringToSign(request, at: time).utf8, key: key)
        return try received.withUnsafeBytes { try SecretBytes(copying: $0) }.isEqual(to: right)
    }
}
