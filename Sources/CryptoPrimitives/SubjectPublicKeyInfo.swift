import COpenSSL

/// A public key as DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), put together from the parts that a token shows.
///
/// Each is read again by OpenSSL, which must write the same bytes for it: so they are what OpenSSL, and AWS KMS's
/// GetPublicKey, have for that key.
package enum SubjectPublicKeyInfo {
    /// An RSA public key (RFC 3279, 2.3.1).
    ///
    /// - Parameters:
    ///   - modulus: Big-endian; leading zeros do not count.
    ///   - exponent: Likewise.
    /// - Throws: `CryptoError` for a key that `RSAPublicKey` refuses.
    package static func rsa(modulus: [UInt8], exponent: [UInt8]) throws -> [UInt8] {
        let key = element(sequence, unsigned(modulus) + unsigned(exponent))
        return try RSAPublicKey(spki: whole(rsaEncryption, key)).spki
    }

    /// A public key of an elliptic curve (RFC 5480, 2).
    ///
    /// - Parameter point: Uncompressed: 04 ‖ X ‖ Y, twice the curve's coordinate size and one.
    /// - Throws: `CryptoError` when it is no point of the curve, or of another form.
    package static func ec(_ curve: EllipticCurve, point: [UInt8]) throws -> [UInt8] {
        guard point.count == 1 + 2 * curve.coordinateSize, point.first == 4 else {
            throw CryptoError("the point is not uncompressed, or of another curve's size", reasons: [])
        }
        // Reading it, OpenSSL checks that the point lies on the curve.
        return try EVPKey.decode(spki: whole(idECPublicKey + curve.parameters, point)).spki()
    }

    /// OBJECT IDENTIFIER 1.2.840.113549.1.1.1 and NULL.
    private static let rsaEncryption: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    /// OBJECT IDENTIFIER 1.2.840.10045.2.1.
    private static let idECPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]

    private static let (integer, bitString, sequence): (UInt8, UInt8, UInt8) = (0x02, 0x03, 0x30)

    private static func whole(_ algorithm: [UInt8], _ key: [UInt8]) -> [UInt8] {
        element(sequence, element(sequence, algorithm) + element(bitString, [0] + key))
    }

    private static func unsigned(_ number: [UInt8]) -> [UInt8] {
        let digits = Array(number.drop { $0 == 0 })
        let isPositive = digits.first.map { $0 < 0x80 } ?? false
        return element(integer, isPositive ? digits : [0] + digits)
    }

    /// An element of DER with a length of up to two bytes (X.690, 10.1).
    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let (high, low) = (UInt8(truncatingIfNeeded: content.count >> 8), UInt8(truncatingIfNeeded: content.count))
        switch content.count {
        case ..<0x80: return [tag, low] + content
        case ..<0x100: return [tag, 0x81, low] + content
        default: return [tag, 0x82, high, low] + content
        }
    }
}
