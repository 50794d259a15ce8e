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

    /// The bytes of one coordinate of a point.
    package var coordinateSize: Int {
        switch self {
        case .p256, .secp256k1: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// The curve's OBJECT IDENTIFIER in DER: its ECParameters (RFC 5480, 2.1.1; SEC 2, A.2), PKCS#11's CKA_EC_PARAMS.
    package var parameters: [UInt8] {
        switch self {
        case .p256: [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        case .p384: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
        case .p521: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]
        case .secp256k1: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A]
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
