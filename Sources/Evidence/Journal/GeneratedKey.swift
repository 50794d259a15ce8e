import CryptoPrimitives

extension Generated {
    /// What is wrong with how a key is identified, given its kind; nil when it is as the kind has it.
    func problem(as keySpec: KeySpec) -> String? {
        guard (keySpec.family == .aes) == (checkValues != nil) else {
            return "check values that its kind does not have"
        }
        switch keySpec.family {
        case .aes, .hmac:
            guard publicKey == nil else { return "a public key of a secret key" }
            guard let bytes = Hex.decode(commitment), bytes.count == 16 else {
                return "a commitment that is not 16 bytes in hex"
            }
            guard checkValues?.areWhole ?? true else { return "check values that are not 3 bytes in hex each" }
            return bytes.allSatisfy { $0 == 0 } ? "a commitment of nothing but zeros" : nil
        case .rsa, .ec:
            guard let publicKey, keySpec.publicKeyForm?.fits(publicKey) == true,
                let key = Base64.decode(publicKey)
            else { return "a public key that is not one of its kind" }
            return SHA256Digest(of: key).hex == commitment ? nil : "a commitment that is not its public key's digest"
        }
    }
}

/// How the base64 of a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) of one kind of key begins, and how long it is: the DER up
/// to the key itself is the same for all keys of the kind.
struct PublicKeyForm {
    let prefix: String
    let length: Int

    func fits(_ text: String) -> Bool { text.utf8.count == length && text.hasPrefix(prefix) }
}

extension KeySpec {
    /// Up to the modulus's first digits, whose highest bit is set, or to the 04 of an uncompressed point.
    var publicKeyForm: PublicKeyForm? {
        switch self {
        case .rsa2048: PublicKeyForm(prefix: "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", length: 392)
        case .rsa3072: PublicKeyForm(prefix: "MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA", length: 564)
        case .rsa4096: PublicKeyForm(prefix: "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEA", length: 736)
        case .p256: PublicKeyForm(prefix: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", length: 124)
        case .p384: PublicKeyForm(prefix: "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE", length: 160)
        case .p521: PublicKeyForm(prefix: "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQ", length: 212)
        case .secp256k1: PublicKeyForm(prefix: "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE", length: 120)
        case .symmetric, .hmac224, .hmac256, .hmac384, .hmac512: nil
        }
    }
}
