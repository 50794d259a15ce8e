import COpenSSL

/// One owned `EVP_PKEY`.
///
/// Unchecked because of the pointer: the key is never changed after init, and OpenSSL 3's reference counts and
/// read-only operations on a key are thread-safe (openssl-threads(7)).
final class EVPKey: @unchecked Sendable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }
    deinit { EVP_PKEY_free(pointer) }

    /// Reads a DER SubjectPublicKeyInfo that must fill the buffer and be in DER's one form.
    static func decode(spki: [UInt8]) throws -> EVPKey {
        let decoded = try spki.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return try require(
                d2i_PUBKEY(nil, &cursor, buffer.count), "the public key is no DER SubjectPublicKeyInfo")
        }
        let key = EVPKey(owning: decoded)
        guard try key.spki() == spki else {
            throw CryptoError("the public key's DER is not in its one canonical form", reasons: [])
        }
        return key
    }

    func spki() throws -> [UInt8] {
        let length = i2d_PUBKEY(pointer, nil)
        guard length > 0 else { throw CryptoError("cannot encode a public key") }
        var der = [UInt8](repeating: 0, count: Int(length))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return i2d_PUBKEY(pointer, &cursor)
        }
        guard written == length else { throw CryptoError("cannot encode a public key") }
        return der
    }

    func pkcs8() throws -> SecretBytes {
        let info = try require(EVP_PKEY2PKCS8(pointer), "cannot encode a private key")
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        let length = i2d_PKCS8_PRIV_KEY_INFO(info, nil)
        guard length > 0 else { throw CryptoError("cannot encode a private key") }
        return try SecretBytes(capacity: Int(length)) { buffer in
            var cursor = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return Int(i2d_PKCS8_PRIV_KEY_INFO(info, &cursor))
        }
    }

    /// A big number of the key, big-endian without leading zeros.
    func number(_ name: String) throws -> [UInt8] {
        var number: OpaquePointer?
        try require(EVP_PKEY_get_bn_param(pointer, name, &number), "the key has no number \(name)")
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: Int((BN_num_bits(number) + 7) / 8))
        guard BN_bn2bin(number, &bytes) == bytes.count else { throw CryptoError("cannot read \(name)") }
        return bytes
    }

    /// Runs one OAEP operation, no label; MGF1 has the same hash unless another is given.
    func withOAEP<R>(
        _ hash: OAEPHash, mgf1: OAEPHash? = nil, starting start: (OpaquePointer?) -> Int32,
        _ body: (OpaquePointer) throws -> R
    ) throws -> R {
        let context = try require(EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil), "cannot make a key context")
        defer { EVP_PKEY_CTX_free(context) }
        try require(start(context), "cannot start OAEP")
        try require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), "cannot set OAEP padding")
        try require(EVP_PKEY_CTX_set_rsa_oaep_md(context, hash.algorithm), "cannot set the OAEP hash")
        try require(EVP_PKEY_CTX_set_rsa_mgf1_md(context, (mgf1 ?? hash).algorithm), "cannot set the MGF1 hash")
        return try body(context)
    }
}
