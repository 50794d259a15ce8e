import COpenSSL

/// The private key of a sealing certificate.
///
/// It is kept as PKCS#8 in locked memory; libcrypto has it in memory that is not locked, but cleared afterwards, while
/// something is opened.
package struct SealingKey: Sendable {
    package let certificate: SealingCertificate
    private let pkcs8: SecretBytes

    /// Makes a key, which takes up to some seconds of a core, and its certificate.
    ///
    /// - Parameter name: The certificate's common name: ASCII, 1 to 64 characters (RFC 5280, ub-common-name).
    /// - Throws: `CryptoError` for another name, or when memory cannot be locked.
    package init(generatingFor name: String) throws {
        let pkcs8 = try PrivateKey(generating: .rsa(bits: SealingCertificate.bits)).pkcs8()
        self.pkcs8 = pkcs8
        certificate = try SealingCertificate(der: Self.selfSigned(name, by: pkcs8))
    }

    /// Reads what `pem()` wrote.
    ///
    /// - Throws: `CryptoError` for anything else, and for a key that is not the certificate's.
    package init(pem: SecretBytes) throws {
        let (pkcs8, der) = try SealingPEM.read(pem)
        certificate = try SealingCertificate(der: der)
        guard try PrivateKey(pkcs8: pkcs8).spki == certificate.publicKey.spki else {
            throw CryptoError("the private key is not the certificate's", reasons: [])
        }
        self.pkcs8 = pkcs8
    }

    /// Key (PKCS#8, not encrypted) and certificate in PEM, one after the other, as `openssl cms -decrypt` takes them for
    /// `-inkey` and `-recip`.
    package func pem() throws -> SecretBytes { try SealingPEM.write(pkcs8, certificate.der) }

    /// Opens what was sealed to the certificate.
    ///
    /// - Parameter sealed: Exactly one AuthEnvelopedData for this certificate, in the form that `seal` gives it.
    /// - Throws: `CryptoError` for anything else, and for one that was changed.
    package func open(_ sealed: [UInt8]) throws -> [UInt8] {
        // Checked when it was made or read.
        try certificate.open(sealed, with: PrivateKey(pkcs8: pkcs8, isChecked: true))
    }
}

extension SealingKey {
    /// The end of a certificate that has none (RFC 5280, 4.1.2.5).
    private static let noEnd = "99991231235959Z"

    /// A certificate of version 3 for key encipherment, signed with RSA and SHA-256, valid from now on.
    private static func selfSigned(_ name: String, by pkcs8: SecretBytes) throws -> [UInt8] {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw CryptoError("a certificate's common name is 1 to 64 characters of ASCII", reasons: [])
        }
        let certificate = try require(X509_new(), "cannot make a certificate")
        defer { X509_free(certificate) }
        try require(X509_set_version(certificate, 2), "cannot set a certificate's version")
        try setSerial(of: certificate)
        try require(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), noEnd), "cannot set a certificate's end")
        _ = try require(X509_gmtime_adj(X509_getm_notBefore(certificate), 0), "cannot set a certificate's beginning")
        let subject = try require(X509_get_subject_name(certificate), "a certificate has no subject")
        try require(
            X509_NAME_add_entry_by_txt(
                subject, "CN", MBSTRING_UTF8, Array(name.utf8), Int32(name.utf8.count), -1, 0),
            "cannot set a certificate's name")
        try require(X509_set_issuer_name(certificate, subject), "cannot set a certificate's issuer")
        let usage = try require(
            X509V3_EXT_conf_nid(nil, nil, NID_key_usage, "critical,keyEncipherment"), "cannot say what a key is for")
        defer { X509_EXTENSION_free(usage) }
        try require(X509_add_ext(certificate, usage, -1), "cannot say what a key is for")
        try sign(certificate, with: pkcs8)
        return try SealingCertificate.encode { i2d_X509(certificate, $0) }
    }

    /// 16 random bytes, positive and never shorter.
    private static func setSerial(of certificate: OpaquePointer) throws {
        var bytes = try SecureRandom.bytes(count: 16)
        bytes[0] = bytes[0] & 0x3F | 0x40
        let number = try require(BN_bin2bn(bytes, Int32(bytes.count), nil), "cannot make a serial number")
        defer { BN_free(number) }
        _ = try require(
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)), "cannot set a certificate's serial number")
    }

    private static func sign(_ certificate: OpaquePointer, with pkcs8: SecretBytes) throws {
        let key = try PrivateKey(pkcs8: pkcs8, isChecked: true)
        try key.withPointer { key in
            try require(X509_set_pubkey(certificate, key), "cannot set a certificate's key")
            guard X509_sign(certificate, key, EVP_sha256()) > 0 else { throw CryptoError("cannot sign a certificate") }
        }
    }
}
