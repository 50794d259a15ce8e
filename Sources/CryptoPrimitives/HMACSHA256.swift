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
        return try SecretBytes(capacity: size) { buffer in
            try write(data, key, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// The same for a code that is sent, and so no secret.
    ///
    /// - Throws: `CryptoError`.
    package static func code(of data: some Sequence<UInt8>, key: SecretBytes) throws -> [UInt8] {
        var code = [UInt8](repeating: 0, count: size)
        _ = try write(Array(data), key, &code)
        return code
    }

    private static let size = 32

    /// - Returns: How many bytes were written.
    private static func write(_ data: [UInt8], _ key: SecretBytes, _ code: UnsafeMutablePointer<UInt8>?) throws -> Int {
        var length: UInt32 = 0
        _ = try key.withUnsafeBytes { key in
            try require(
                HMAC(EVP_sha256(), key.baseAddress, Int32(key.count), data, data.count, code, &length),
                "cannot compute HMAC-SHA-256")
        }
        return Int(length)
    }
}
