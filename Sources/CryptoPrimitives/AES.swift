import COpenSSL

/// AES-256 in software, for material that is not the ceremony's: throwaway keys of a self-test, and the emulator's.
package enum AES256 {
    /// Encrypts single blocks (ECB, no padding), as key check values and commitments need it.
    ///
    /// - Parameters:
    ///   - blocks: A multiple of 16 bytes.
    ///   - key: 32 bytes.
    /// - Throws: `CryptoError` for other sizes.
    package static func encryptECB(_ blocks: [UInt8], key: SecretBytes) throws -> [UInt8] {
        guard key.count == 32, blocks.count.isMultiple(of: 16) else {
            throw CryptoError("AES-256-ECB wants a key of 32 bytes and whole blocks", reasons: [])
        }
        let context = try require(EVP_CIPHER_CTX_new(), "cannot make a cipher context")
        defer { EVP_CIPHER_CTX_free(context) }
        let initialized = key.withUnsafeBytes { key in
            EVP_EncryptInit_ex(
                context, EVP_aes_256_ecb(), nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        try require(initialized, "cannot start AES-256-ECB")
        try require(EVP_CIPHER_CTX_set_padding(context, 0), "cannot start AES-256-ECB")
        var out = [UInt8](repeating: 0, count: blocks.count + 16)
        var length: Int32 = 0
        try require(
            EVP_EncryptUpdate(context, &out, &length, blocks, Int32(blocks.count)), "cannot encrypt a block")
        return Array(out.prefix(Int(length)))
    }

    /// Seals with AES-256-GCM (SP 800-38D).
    ///
    /// - Parameters:
    ///   - nonce: 12 bytes, never used twice with one key.
    ///   - additionalData: Authenticated, not encrypted.
    /// - Returns: The ciphertext followed by the tag of 16 bytes.
    package static func sealGCM(
        _ plaintext: [UInt8], key: SecretBytes, nonce: [UInt8], additionalData: [UInt8] = []
    ) throws -> [UInt8] {
        let context = try gcmContext(key: key, nonce: nonce, encrypt: 1)
        defer { EVP_CIPHER_CTX_free(context) }
        var length: Int32 = 0
        try require(
            EVP_CipherUpdate(context, nil, &length, additionalData, Int32(additionalData.count)),
            "cannot authenticate data")
        var out = [UInt8](repeating: 0, count: plaintext.count)
        try require(
            EVP_CipherUpdate(context, &out, &length, plaintext, Int32(plaintext.count)), "cannot encrypt")
        var none = [UInt8](repeating: 0, count: 16)
        try require(EVP_CipherFinal_ex(context, &none, &length), "cannot finish encrypting")
        var tag = [UInt8](repeating: 0, count: 16)
        try require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag), "cannot take the tag")
        return out + tag
    }

    /// Opens what `sealGCM` made.
    ///
    /// - Throws: `CryptoError` when the key, nonce, additional data or any byte is not the one that was sealed.
    package static func openGCM(
        _ sealed: [UInt8], key: SecretBytes, nonce: [UInt8], additionalData: [UInt8] = []
    ) throws -> [UInt8] {
        guard sealed.count >= 16 else { throw CryptoError("a sealed text is shorter than its tag", reasons: []) }
        let context = try gcmContext(key: key, nonce: nonce, encrypt: 0)
        defer { EVP_CIPHER_CTX_free(context) }
        let text = Array(sealed.dropLast(16))
        var tag = Array(sealed.suffix(16))
        var length: Int32 = 0
        try require(
            EVP_CipherUpdate(context, nil, &length, additionalData, Int32(additionalData.count)),
            "cannot authenticate data")
        var out = [UInt8](repeating: 0, count: text.count)
        try require(EVP_CipherUpdate(context, &out, &length, text, Int32(text.count)), "cannot decrypt")
        try require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag), "cannot set the tag")
        var none = [UInt8](repeating: 0, count: 16)
        try require(EVP_CipherFinal_ex(context, &none, &length), "the sealed text is not authentic")
        return out
    }

    private static func gcmContext(key: SecretBytes, nonce: [UInt8], encrypt: Int32) throws -> OpaquePointer {
        guard key.count == 32, nonce.count == 12 else {
            throw CryptoError("AES-256-GCM wants a key of 32 bytes and a nonce of 12", reasons: [])
        }
        let context = try require(EVP_CIPHER_CTX_new(), "cannot make a cipher context")
        let initialized = key.withUnsafeBytes { key in
            EVP_CipherInit_ex(
                context, EVP_aes_256_gcm(), nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nonce,
                encrypt)
        }
        guard initialized == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw CryptoError("cannot start AES-256-GCM")
        }
        return context
    }
}
