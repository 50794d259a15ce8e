package import CryptoPrimitives

/// Public keys, read from the objects that show them.
extension Session {
    /// The public key of a P-256 object that shows its point.
    package func p256PublicKey(of object: Object) throws -> P256PublicKey {
        let shown = try attributes([.ecPoint], of: object)[.ecPoint]?.bytes ?? []
        do {
            return try P256PublicKey(point: Self.barePoint(shown, on: .p256))
        } catch {
            throw failure("C_GetAttributeValue", .unexpectedAnswer("CKA_EC_POINT is no P-256 point"))
        }
    }

    /// The DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) of a public key, RSA or of an elliptic curve, made of what the
    /// token shows of it; byte for byte what OpenSSL and AWS KMS's GetPublicKey have for that key.
    ///
    /// - Throws: `PKCS11Error` for a key of another type or curve, an RSA key that is not one to use, and a point that
    ///   does not lie on its curve.
    package func subjectPublicKeyInfo(of publicKey: Object) throws -> [UInt8] {
        let shown = try attributes([.keyType, .modulus, .publicExponent, .ecParameters, .ecPoint], of: publicKey)
        do {
            switch shown[.keyType]?.number.map(KeyType.init(rawValue:)) {
            case .rsa:
                return try SubjectPublicKeyInfo.rsa(
                    modulus: shown[.modulus]?.bytes ?? [], exponent: shown[.publicExponent]?.bytes ?? [])
            case .ec:
                let parameters = shown[.ecParameters]?.bytes
                guard let curve = EllipticCurve.allCases.first(where: { $0.parameters == parameters }) else {
                    throw failure("C_GetAttributeValue", .unexpectedAnswer("CKA_EC_PARAMS names no curve known here"))
                }
                let point = Self.barePoint(shown[.ecPoint]?.bytes ?? [], on: curve)
                return try SubjectPublicKeyInfo.ec(curve, point: point)
            default:
                throw failure("C_GetAttributeValue", .unexpectedAnswer("the key is neither RSA nor of a curve"))
            }
        } catch let error as CryptoError {
            throw failure("C_GetAttributeValue", .unexpectedAnswer("the public key is none: \(error.operation)"))
        }
    }

    /// The standard wants CKA_EC_POINT to be a DER OCTET STRING of the point; some tokens give the point bare.
    private static func barePoint(_ shown: [UInt8], on curve: EllipticCurve) -> [UInt8] {
        let size = 1 + 2 * curve.coordinateSize
        let header: [UInt8] = size < 0x80 ? [0x04, UInt8(size)] : [0x04, 0x81, UInt8(size)]
        let isOctetString = shown.count == header.count + size && shown.starts(with: header)
        return isOctetString ? Array(shown.dropFirst(header.count)) : shown
    }
}
