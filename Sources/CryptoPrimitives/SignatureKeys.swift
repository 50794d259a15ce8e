import COpenSSL

/// A P-256 public key for ECDSA (FIPS 186-5; SEC 2 secp256r1).
package struct P256PublicKey: Hashable, Sendable {
    /// The point, uncompressed: 04 ‖ X ‖ Y, 65 bytes.
    package let point: [UInt8]

    /// - Parameter point: 65 bytes, uncompressed.
    /// - Throws: `CryptoError` when it is no point of the curve.
    package init(point: [UInt8]) throws {
        guard point.count == 65, point.first == 4 else {
            throw CryptoError("a P-256 point is 65 bytes, uncompressed", reasons: [])
        }
        self.point = point
        _ = try Self.key(point: point)
    }

    /// Whether `(r, s)` signs the message with this given SHA-256.
    ///
    /// - Parameters:
    ///   - r: Big-endian, 32 bytes at most.
    ///   - s: Big-endian, 32 bytes at most.
    ///   - digest: The SHA-256 of what was signed.
    /// - Throws: `CryptoError` for longer numbers, or when libcrypto cannot say.
    package func isValid(r: [UInt8], s: [UInt8], digest: SHA256Digest) throws -> Bool {
        try isValid(P256Signature(r: r, s: s), digest: digest)
    }

    /// The same of a signature that is whole.
    package func isValid(_ signature: P256Signature, digest: SHA256Digest) throws -> Bool {
        let der = try signature.der()
        let key = try Self.key(point: point)
        let context = try require(EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil), "cannot make a key context")
        defer { EVP_PKEY_CTX_free(context) }
        try require(EVP_PKEY_verify_init(context), "cannot start verifying")
        let valid = EVP_PKEY_verify(context, der, der.count, digest.bytes, digest.bytes.count) == 1
        ERR_clear_error()
        return valid
    }

    /// SubjectPublicKeyInfo of a P-256 key up to its point: id-ecPublicKey, prime256v1, BIT STRING (RFC 5480).
    private static let spkiPrefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]

    private static func key(point: [UInt8]) throws -> EVPKey {
        try EVPKey.decode(spki: spkiPrefix + point)
    }
}

/// An Ed25519 public key (RFC 8032).
package struct Ed25519PublicKey: Hashable, Sendable {
    /// The 32 bytes of the encoded point.
    package let bytes: [UInt8]

    /// - Parameter bytes: 32 bytes.
    /// - Throws: `CryptoError` for another length, a number that is not below the field's prime, or one of the few
    ///   points that everybody can sign for.
    package init(bytes: [UInt8]) throws {
        guard bytes.count == 32 else { throw CryptoError("an Ed25519 key is 32 bytes", reasons: []) }
        let y = Array(bytes.dropLast()) + bytes.suffix(1).map { $0 & 0x7F }
        guard y.reversed().lexicographicallyPrecedes(Self.prime.reversed()) else {
            throw CryptoError("an Ed25519 key is not in its one form", reasons: [])
        }
        guard !Self.smallOrder.contains(y) else {
            throw CryptoError("an Ed25519 key of small order belongs to everybody", reasons: [])
        }
        self.bytes = bytes
    }

    /// 2^255 − 19, little-endian as the keys are.
    private static let prime = [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]

    /// The y coordinates of the eight points whose order divides the cofactor 8: under such a key a signature needs no
    /// secret (RFC 8032 does not refuse them).
    private static let smallOrder: Set<[UInt8]> = [
        [0x00] + [UInt8](repeating: 0, count: 31),
        [0x01] + [UInt8](repeating: 0, count: 31),
        [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        [
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
            0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        [
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
            0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
    ]

    /// Whether `signature` (64 bytes) signs `message`.
    package func isValid(signature: [UInt8], message: [UInt8]) throws -> Bool {
        let key = EVPKey(
            owning: try require(
                EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count), "cannot read an Ed25519 key"))
        let context = try require(EVP_MD_CTX_new(), "cannot make a digest context")
        defer { EVP_MD_CTX_free(context) }
        try require(EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer), "cannot start verifying")
        let valid = EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        ERR_clear_error()
        return valid
    }
}
