import COpenSSL

extension AES256 {
    /// Unwraps a key of any length that was wrapped by AES Key Wrap with Padding (RFC 5649; SP 800-38F, KWP).
    ///
    /// - Parameters:
    ///   - wrapped: 16 bytes at least, a multiple of 8.
    ///   - key: 32 bytes.
    /// - Throws: `CryptoError` when it was not wrapped so under this key.
    package static func unwrapKWP(_ wrapped: [UInt8], key: SecretBytes) throws -> SecretBytes {
        guard key.count == 32, wrapped.count >= 16, wrapped.count.isMultiple(of: 8) else {
            throw CryptoError("AES-256-KWP wants a key of 32 bytes and a wrapped key of whole half blocks", reasons: [])
        }
        let context = try require(EVP_CIPHER_CTX_new(), "cannot make a cipher context")
        defer { EVP_CIPHER_CTX_free(context) }
        EVP_CIPHER_CTX_set_flags(context, Int32(EVP_CIPHER_CTX_FLAG_WRAP_ALLOW))
        let initialized = key.withUnsafeBytes { key in
            EVP_DecryptInit_ex(
                context, EVP_aes_256_wrap_pad(), nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        try require(initialized, "cannot start AES-256-KWP")
        return try SecretBytes(capacity: wrapped.count + 16) { buffer in
            let out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var length: Int32 = 0
            try require(
                EVP_DecryptUpdate(context, out, &length, wrapped, Int32(wrapped.count)),
                "the key was not wrapped so under this key")
            return Int(length)
        }
    }
}
