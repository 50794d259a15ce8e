import COpenSSL

/// The hash that OAEP uses for its label and for MGF1.
///
/// SHA-1 is here so that a self-test can prove a token did *not* use it, and for the emulator's other clients;
/// nothing in Keyrite wraps with it.
package enum OAEPHash: Sendable {
    case sha1
    case sha256

    var algorithm: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        }
    }
}

/// An RSA public key, read strictly from a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
package struct RSAPublicKey: Hashable, Sendable {
    /// The DER as it was given.
    package let spki: [UInt8]
    /// The modulus, big-endian, no leading zero.
    package let modulus: [UInt8]
    /// The public exponent, big-endian, no leading zero.
    package let exponent: [UInt8]

    /// The modulus size in bits.
    package var bits: Int { modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0) }

    /// - Parameter spki: DER of an RSA SubjectPublicKeyInfo, and nothing after it.
    /// - Throws: `CryptoError` when it is not exactly that, or not a key to wrap under: 2048 to 8192 bits and an odd
    ///   exponent from 65537 to 64 bits (FIPS 186-5, 5.4, and a bound of ours).
    package init(spki: [UInt8]) throws {
        let key = try EVPKey.decode(spki: spki)
        guard EVP_PKEY_get_base_id(key.pointer) == EVP_PKEY_RSA else {
            throw CryptoError("the public key is not RSA", reasons: [])
        }
        self.spki = spki
        modulus = try key.number(OSSL_PKEY_PARAM_RSA_N)
        exponent = try key.number(OSSL_PKEY_PARAM_RSA_E)
        guard (2048...8192).contains(bits), modulus.last.map({ $0 & 1 }) == 1 else {
            throw CryptoError("an RSA modulus is odd and has 2048 to 8192 bits", reasons: [])
        }
        guard (3...8).contains(exponent.count), exponent.last.map({ $0 & 1 }) == 1 else {
            throw CryptoError("an RSA exponent is odd, at least 65537 and at most 64 bits", reasons: [])
        }
    }

    /// Encrypts under OAEP with MGF1 of the same hash and no label (RFC 8017, 7.1).
    ///
    /// - Parameter plaintext: At most `bits / 8 - 2 * hashSize - 2` bytes.
    package func encryptOAEP(_ plaintext: SecretBytes, hash: OAEPHash) throws -> [UInt8] {
        let key = try EVPKey.decode(spki: spki)
        return try key.withOAEP(hash, starting: EVP_PKEY_encrypt_init) { context in
            try plaintext.withUnsafeBytes { plaintext in
                let input = plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self)
                var length = modulus.count
                var out = [UInt8](repeating: 0, count: length)
                try require(EVP_PKEY_encrypt(context, &out, &length, input, plaintext.count), "cannot encrypt (OAEP)")
                return Array(out.prefix(length))
            }
        }
    }
}

/// An RSA private key in software, for throwaway self-test keys.
package final class RSAPrivateKey: Sendable {
    private let key: EVPKey
    package let publicKey: RSAPublicKey

    /// Generates a key pair with exponent 65537.
    ///
    /// - Parameter bits: 2048, 3072 or 4096; the larger ones take up to a second.
    package init(bits: Int) throws {
        guard [2048, 3072, 4096].contains(bits) else {
            throw CryptoError("an RSA key has 2048, 3072 or 4096 bits", reasons: [])
        }
        let context = try require(EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil), "cannot make a key context")
        defer { EVP_PKEY_CTX_free(context) }
        try require(EVP_PKEY_keygen_init(context), "cannot start generating an RSA key")
        try require(EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)), "cannot set the RSA key size")
        var made: OpaquePointer?
        try require(EVP_PKEY_generate(context, &made), "cannot generate an RSA key")
        key = EVPKey(owning: try require(made, "cannot generate an RSA key"))
        publicKey = try RSAPublicKey(spki: key.spki())
    }

    /// Decrypts OAEP without a label (RFC 8017, 7.1).
    ///
    /// - Parameters:
    ///   - hash: The hash, also of MGF1 unless that has one of its own.
    ///   - mgf1: A hash for MGF1 that is not the other: nobody asks for that, but there are tokens that do it.
    /// - Throws: `CryptoError` when the ciphertext was not made so for this key.
    package func decryptOAEP(
        _ ciphertext: [UInt8], hash: OAEPHash, mgf1: OAEPHash? = nil
    ) throws -> SecretBytes {
        try key.withOAEP(hash, mgf1: mgf1, starting: EVP_PKEY_decrypt_init) { context in
            try SecretBytes(capacity: publicKey.modulus.count) { buffer in
                var length = buffer.count
                let out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
                try require(
                    EVP_PKEY_decrypt(context, out, &length, ciphertext, ciphertext.count), "cannot decrypt (OAEP)")
                return length
            }
        }
    }

    /// The key as unencrypted PKCS#8 DER, for tests that hand a throwaway key to another program.
    package func pkcs8() throws -> SecretBytes { try key.pkcs8() }
}
