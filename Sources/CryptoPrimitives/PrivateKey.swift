import COpenSSL

/// An RSA or elliptic curve private key in software: the emulator's, which no HSM holds.
package final class PrivateKey: Sendable {
    private let key: EVPKey
    package let algorithm: AsymmetricAlgorithm
    /// The public key, a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
    package let spki: [UInt8]

    /// Generates a key pair; an RSA key of 4096 bits takes some seconds of a core.
    ///
    /// - Throws: `CryptoError` for an RSA size other than 2048, 3072 and 4096 bits.
    package init(generating algorithm: AsymmetricAlgorithm) throws {
        self.algorithm = algorithm
        switch algorithm {
        case .rsa(let bits):
            guard [2048, 3072, 4096].contains(bits) else {
                throw CryptoError("an RSA key has 2048, 3072 or 4096 bits", reasons: [])
            }
            key = try Self.generate(type: "RSA") { context in
                try require(EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)), "cannot set the RSA key size")
            }
        case .ec(let curve):
            key = try Self.generate(type: "EC") { context in
                try require(EVP_PKEY_CTX_set_group_name(context, curve.groupName), "cannot set the curve")
            }
        }
        spki = try key.spki()
    }

    /// Reads an unencrypted PKCS#8 PrivateKeyInfo (RFC 5208) that fills the buffer.
    ///
    /// - Parameter isChecked: Whether this very key was read before; testing the primes of an RSA key takes a second.
    /// - Throws: `CryptoError` for anything else, for a key other than RSA of two primes and 2048, 3072 or 4096 bits or
    ///   of a named curve, and when its parts do not belong together.
    package init(pkcs8: SecretBytes, isChecked: Bool = false) throws {
        let decoded = try pkcs8.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var cursor = start
            let info = try require(
                d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, bytes.count), "the private key is no PKCS#8 PrivateKeyInfo")
            defer { PKCS8_PRIV_KEY_INFO_free(info) }
            guard let start, cursor == start + bytes.count else {
                throw CryptoError("something follows the private key", reasons: [])
            }
            return try require(EVP_PKCS82PKEY(info), "the private key cannot be read")
        }
        key = EVPKey(owning: decoded)
        algorithm = try Self.algorithm(of: key)
        if !isChecked { try Self.requireSound(key) }
        spki = try key.spki()
    }

    /// The key as unencrypted PKCS#8 DER, in one form for one key.
    package func pkcs8() throws -> SecretBytes { try key.pkcs8() }

    /// Lends it as OpenSSL has it.
    func withPointer<R>(_ body: (OpaquePointer) throws -> R) rethrows -> R { try body(key.pointer) }

    /// Decrypts OAEP with MGF1 of the same hash and no label (RFC 8017, 7.1).
    ///
    /// - Throws: `CryptoError` when the ciphertext was not made so for this key.
    package func decryptOAEP(_ ciphertext: [UInt8], hash: OAEPHash) throws -> SecretBytes {
        guard case .rsa(let bits) = algorithm else { throw CryptoError("only RSA keys decrypt", reasons: []) }
        return try key.withOAEP(hash, starting: EVP_PKEY_decrypt_init) { context in
            try SecretBytes(capacity: bits / 8) { buffer in
                var length = buffer.count
                let out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
                try require(
                    EVP_PKEY_decrypt(context, out, &length, ciphertext, ciphertext.count), "cannot decrypt (OAEP)")
                return length
            }
        }
    }

    /// Signs a digest.
    ///
    /// - Parameter digest: As long as the scheme's hash.
    /// - Throws: `CryptoError` for another length, or a scheme of other keys.
    package func sign(digest: [UInt8], scheme: SignatureScheme) throws -> [UInt8] {
        try withContext(scheme, digest: digest, starting: EVP_PKEY_sign_init) { context in
            var length = 0
            try require(EVP_PKEY_sign(context, nil, &length, digest, digest.count), "cannot sign")
            var signature = [UInt8](repeating: 0, count: length)
            try require(EVP_PKEY_sign(context, &signature, &length, digest, digest.count), "cannot sign")
            return Array(signature.prefix(length))
        }
    }

    /// Whether this key made the signature.
    ///
    /// - Throws: `CryptoError` for a digest of another length than the scheme's hash, or a scheme of other keys.
    package func isValid(_ signature: [UInt8], digest: [UInt8], scheme: SignatureScheme) throws -> Bool {
        try withContext(scheme, digest: digest, starting: EVP_PKEY_verify_init) { context in
            let valid = EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
            ERR_clear_error()
            return valid
        }
    }
}

extension PrivateKey {
    private static func generate(type: String, _ configure: (OpaquePointer) throws -> Void) throws -> EVPKey {
        let context = try require(EVP_PKEY_CTX_new_from_name(nil, type, nil), "cannot make a key context")
        defer { EVP_PKEY_CTX_free(context) }
        try require(EVP_PKEY_keygen_init(context), "cannot start generating a key")
        try configure(context)
        var made: OpaquePointer?
        try require(EVP_PKEY_generate(context, &made), "cannot generate a key")
        return EVPKey(owning: try require(made, "cannot generate a key"))
    }

    private static func algorithm(of key: EVPKey) throws -> AsymmetricAlgorithm {
        switch EVP_PKEY_get_base_id(key.pointer) {
        case EVP_PKEY_RSA:
            let bits = Int(EVP_PKEY_get_bits(key.pointer))
            // OSSL_PKEY_PARAM_RSA_FACTOR3, which Swift does not import.
            let third = try? key.number("rsa-factor3")
            ERR_clear_error()
            guard [2048, 3072, 4096].contains(bits), third == nil else {
                throw CryptoError("an RSA key has two primes and 2048, 3072 or 4096 bits", reasons: [])
            }
            return .rsa(bits: bits)
        case EVP_PKEY_EC:
            let name = try text(OSSL_PKEY_PARAM_GROUP_NAME, of: key)
            guard let curve = EllipticCurve.allCases.first(where: { $0.groupName == name }),
                try text(OSSL_PKEY_PARAM_EC_ENCODING, of: key) == OSSL_PKEY_EC_ENCODING_GROUP
            else { throw CryptoError("the curve is not one of those named here", reasons: []) }
            return .ec(curve)
        default:
            throw CryptoError("the private key is neither RSA nor of an elliptic curve", reasons: [])
        }
    }

    private static func text(_ name: String, of key: EVPKey) throws -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        var length = 0
        try require(
            EVP_PKEY_get_utf8_string_param(key.pointer, name, &buffer, buffer.count, &length), "the key has no \(name)")
        return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Public and private part belong together, and a point lies on its curve.
    private static func requireSound(_ key: EVPKey) throws {
        let context = try require(EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil), "cannot make a key context")
        defer { EVP_PKEY_CTX_free(context) }
        try require(EVP_PKEY_public_check_quick(context), "the public part is not sound")
        try require(EVP_PKEY_pairwise_check(context), "the parts of the key do not belong together")
    }

    private func withContext<R>(
        _ scheme: SignatureScheme, digest: [UInt8], starting start: (OpaquePointer?) -> Int32,
        _ body: (OpaquePointer) throws -> R
    ) throws -> R {
        guard digest.count == scheme.hash.size else {
            throw CryptoError("the digest has another length than its hash", reasons: [])
        }
        switch (scheme, algorithm) {
        case (.pss, .rsa), (.pkcs1, .rsa), (.ecdsa, .ec): break
        default: throw CryptoError("the signature scheme is one of other keys", reasons: [])
        }
        let hash = scheme.hash.algorithm
        let context = try require(EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil), "cannot make a key context")
        defer { EVP_PKEY_CTX_free(context) }
        try require(start(context), "cannot start a signature")
        switch scheme {
        case .pss:
            try require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING), "cannot set PSS padding")
            try require(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), "cannot set the PSS salt")
            try require(EVP_PKEY_CTX_set_signature_md(context, hash), "cannot set the signature's hash")
            try require(EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash), "cannot set the MGF1 hash")
        case .pkcs1:
            try require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), "cannot set PKCS #1 padding")
            try require(EVP_PKEY_CTX_set_signature_md(context, hash), "cannot set the signature's hash")
        case .ecdsa:
            try require(EVP_PKEY_CTX_set_signature_md(context, hash), "cannot set the signature's hash")
        }
        return try body(context)
    }
}
