import COpenSSL

/// A hash of SHA-2 (FIPS 180-4) that messages are signed or authenticated with.
package enum SHA2: CaseIterable, Hashable, Sendable {
    case sha224
    case sha256
    case sha384
    case sha512

    /// Bytes of a digest.
    package var size: Int {
        switch self {
        case .sha224: 28
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    var algorithm: OpaquePointer? {
        switch self {
        case .sha224: EVP_sha224()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }

    /// - Throws: `CryptoError` from a libcrypto without this hash.
    package func digest(of data: [UInt8]) throws -> [UInt8] {
        var out = [UInt8](repeating: 0, count: size)
        var length: UInt32 = 0
        try require(EVP_Digest(data, data.count, &out, &length, algorithm, nil), "cannot hash")
        guard length == size else { throw CryptoError("a digest has another size than its hash", reasons: []) }
        return out
    }

    /// HMAC (RFC 2104) with this hash.
    ///
    /// - Parameters:
    ///   - data: The message.
    ///   - key: Of any length.
    /// - Returns: The code, `size` bytes, to be compared in constant time.
    /// - Throws: `CryptoError` when memory cannot be locked.
    package func authenticate(_ data: [UInt8], key: SecretBytes) throws -> SecretBytes {
        try SecretBytes(capacity: size) { buffer in
            var length: UInt32 = 0
            let code = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            _ = try key.withUnsafeBytes { key in
                try require(
                    HMAC(algorithm, key.baseAddress, Int32(key.count), data, data.count, code, &length),
                    "cannot compute HMAC")
            }
            return Int(length)
        }
    }
}
