import COpenSSL

/// Random bytes that may become public: nonces, ids, jitter.
package enum SecureRandom {
    /// - Throws: `CryptoError` when OpenSSL's generator is not seeded.
    package static func bytes(count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try require(RAND_bytes(&bytes, Int32(count)), "cannot draw random bytes")
        return bytes
    }
}
