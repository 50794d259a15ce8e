import COpenSSL

/// The certificate of a key that things are sealed to: RSA of 3072 bits, signed by itself.
///
/// It says nothing about who has the key: whoever seals to it knows it by its digest.
package struct SealingCertificate: Hashable, Sendable {
    /// The certificate (X.509, RFC 5280) in DER.
    package let der: [UInt8]
    /// Its key.
    let publicKey: RSAPublicKey
    /// By what a sealed text names it: the DER of its IssuerAndSerialNumber (RFC 5652, 10.2.4).
    let issuerAndSerial: [UInt8]

    static let bits = 3072
    /// More than anything that is sealed here.
    private static let maximumSize = 1 << 20

    /// - Throws: `CryptoError` when it is not exactly one such certificate.
    package init(der: [UInt8]) throws {
        let certificate = try der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return try require(d2i_X509(nil, &cursor, buffer.count), "it is no certificate in DER")
        }
        defer { X509_free(certificate) }
        guard try Self.encode({ i2d_X509(certificate, $0) }) == der else {
            throw CryptoError("the certificate is not in DER's one form, or more follows it", reasons: [])
        }
        let key = try require(X509_get0_pubkey(certificate), "the certificate's key cannot be read")
        try require(X509_verify(certificate, key), "the certificate's key did not sign it")
        publicKey = try RSAPublicKey(spki: Self.encode { i2d_PUBKEY(key, $0) })
        guard publicKey.bits == Self.bits else {
            throw CryptoError("the certificate's key is not RSA of \(Self.bits) bits", reasons: [])
        }
        issuerAndSerial = DER.sequence(
            try Self.encode { i2d_X509_NAME(X509_get_issuer_name(certificate), $0) },
            try Self.encode { i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), $0) })
        self.der = der
    }

    /// The SHA-256 of the DER.
    package var digest: SHA256Digest { SHA256Digest(of: der) }

    /// Seals, so that only who has the private key opens it: under a new AES key each time. Who sealed it, nobody can tell.
    ///
    /// - Parameter plaintext: At most 1 MiB; no secret, its memory is not cleared.
    /// - Returns: CMS AuthEnvelopedData (RFC 5083) in DER, which `openssl cms -decrypt -inform DER` opens.
    /// - Throws: `CryptoError` for more, or when there is no randomness.
    package func seal(_ plaintext: [UInt8]) throws -> [UInt8] {
        guard plaintext.count <= Self.maximumSize else {
            throw CryptoError("more than \(Self.maximumSize) bytes are not sealed", reasons: [])
        }
        let key = try SecretBytes.random(count: 32)
        let nonce = try SecureRandom.bytes(count: 12)
        let sealed = try AES256.sealGCM(plaintext, key: key, nonce: nonce)
        return SealedForm(
            recipient: issuerAndSerial, encryptedKey: try publicKey.encryptOAEP(key, hash: .sha256), nonce: nonce,
            ciphertext: sealed.dropLast(16), tag: sealed.suffix(16)
        ).der
    }

    /// Opens what was sealed to it.
    ///
    /// - Parameter key: Its private key.
    /// - Throws: `CryptoError` saying which of it does not hold.
    func open(_ sealed: [UInt8], with key: PrivateKey) throws -> [UInt8] {
        // The form adds less than 1 KiB, but for a recipient's name of any length.
        guard sealed.count <= 2 * Self.maximumSize else {
            throw CryptoError("it is larger than anything that is sealed", reasons: [])
        }
        let form = try SealedForm(der: sealed)
        guard form.recipient == issuerAndSerial else {
            throw CryptoError("it is sealed to another certificate", reasons: [])
        }
        guard form.nonce.count == 12, form.tag.count == 16 else {
            throw CryptoError("its nonce has not 12 bytes or its tag not 16", reasons: [])
        }
        do {
            let transported = try key.decryptOAEP(form.encryptedKey, hash: .sha256)
            return try AES256.openGCM(form.ciphertext + form.tag, key: transported, nonce: form.nonce)
        } catch {
            // One reason for all: which of them it was is of use to nobody but who tries (RFC 8017, 7.1.2).
            throw CryptoError("it was changed after it was sealed, or sealed to another key", reasons: [])
        }
    }

    /// What one of OpenSSL's encoders writes.
    ///
    /// - Parameter encode: Called twice: for the size, and to write there.
    static func encode(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) throws -> [UInt8] {
        let length = encode(nil)
        guard length > 0 else { throw CryptoError("cannot encode a certificate") }
        var der = [UInt8](repeating: 0, count: Int(length))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return encode(&cursor)
        }
        guard written == length else { throw CryptoError("cannot encode a certificate") }
        return der
    }
}
