import COpenSSL

/// A kind of key pair that the emulator holds.
package enum AsymmetricAlgorithm: Hashable, Sendable {
    /// Two primes, a modulus of so many bits.
    case rsa(bits: Int)
    /// A named curve.
    case ec(EllipticCurve)
}

/// A curve by name (FIPS 186-5; SEC 2).
package enum EllipticCurve: CaseIterable, Hashable, Sendable {
    case p256
    case p384
    case p521
    case secp256k1

    /// OpenSSL's name.
    var groupName: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        case .secp256k1: "secp256k1"
        }
    }
}

/// How a digest is signed.
package enum SignatureScheme: Hashable, Sendable {
    /// RSASSA-PSS with MGF1 of the same hash and a salt as long as the hash (RFC 8017, 8.1).
    case pss(SHA2)
    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2).
    case pkcs1(SHA2)
    /// ECDSA, r and s in DER (FIPS 186-5, 6; RFC 3279, 2.2.3).
    case ecdsa(SHA2)

    package var hash: SHA2 {
        switch self {
        case .pss(let hash), .pkcs1(let hash), .ecdsa(let hash): hash
        }
    }
}
