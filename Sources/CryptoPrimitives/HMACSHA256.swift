import COpenSSL

/// HMAC-SHA-256 (RFC 2104), as SigV4 chains it: keys and codes stay in locked memory, since a code is the next key.
package enum HMACSHA256 {
    /// - Parameters:
    ///   - data: The message.
    ///   - key: Of any length, none included.
    /// - Returns: The 32 bytes of the code.
    /// - Throws: `CryptoError` when memory cannot be locked.
    package static func authenticate(_ data: some Sequence<UInt8>, key: SecretBytes) throws -> SecretBytes {
        let data = Array(data)
        return try SecretBytes(capacity: 32) { buffer in
            var length: UInt32 = 0
            let code = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            _ = try key.withUnsafeBytes { key in
                try require(
                    HMAC(EVP_sha256(), key.baseAddress, Int32(key.count), data, data.count, code, &length),
                    "cannot compute HMAC-SHA-256")
            }
            return Int(length)
        }
    }
}
