import CryptoPrimitives
import PKCS11
import Testing

extension InThisProcess {
    @Suite("Public keys as tokens show them")
    struct ShownPublicKeyTests {
        @Test("a point is read as the standard has it, a DER OCTET STRING, and bare", arguments: EllipticCurve.allCases)
        func points(curve: EllipticCurve) async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let spki = try PrivateKey(generating: .ec(curve)).spki
                let point = Array(spki.suffix(1 + 2 * curve.coordinateSize))
                let length = point.count < 0x80 ? [UInt8(point.count)] : [0x81, UInt8(point.count)]
                for shown in [[0x04] + length + point, point] {
                    let key = try Self.ec(curve.parameters, shown, beside: session)
                    #expect(try await session.subjectPublicKeyInfo(of: key) == spki)
                }
            }
        }

        @Test("what is no point of the curve, or of no curve known here, is refused")
        func otherPoints() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let point = Array(try PrivateKey(generating: .ec(.p256)).spki.suffix(65))
                let off = point.dropLast() + [point[64] ^ 1]
                let compressed = [2 + (point[64] & 1)] + point[1...32]
                let p224: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x21]
                let refused: [([UInt8], [UInt8])] = [
                    (EllipticCurve.p256.parameters, Array(off)), (EllipticCurve.p256.parameters, [0x04, 0x41] + off),
                    (EllipticCurve.p256.parameters, Array(compressed)),
                    (EllipticCurve.p256.parameters, [0x04, 0x01, 0x00]),
                    (EllipticCurve.p256.parameters, [0x04, 0x41] + point + [0]),
                    (EllipticCurve.secp256k1.parameters, point),
                    (EllipticCurve.p384.parameters, point), (p224, point),
                ]
                for (index, (parameters, shown)) in refused.enumerated() {
                    let key = try Self.ec(parameters, shown, beside: session)
                    let error = await #expect(throws: PKCS11Error.self, "form \(index)") {
                        try await session.subjectPublicKeyInfo(of: key)
                    }
                    #expect(error?.returnValue == nil)
                }
            }
        }

        @Test("an RSA key is read with leading zeros, and one that nobody should use is refused")
        func rsa() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let rsa = try RSAPrivateKey(bits: 2048).publicKey
                let padded = try Self.rsa([0] + rsa.modulus, [0, 1, 0, 1], beside: session)
                #expect(try await session.subjectPublicKeyInfo(of: padded) == rsa.spki)
                let unusable: [([UInt8], [UInt8])] = [(rsa.modulus, [3]), (Array(rsa.modulus.suffix(128)), [1, 0, 1])]
                for (modulus, exponent) in unusable {
                    let weak = try Self.rsa(modulus, exponent, beside: session)
                    let error = await #expect(throws: PKCS11Error.self) {
                        try await session.subjectPublicKeyInfo(of: weak)
                    }
                    #expect(error?.returnValue == nil)
                }
            }
        }

        private static func ec(_ parameters: [UInt8], _ point: [UInt8], beside session: Session) throws -> Object {
            try RawObject.create(
                [
                    .objectClass(.publicKey), .keyType(.ec), Attribute(.token, true), Attribute(.private, false),
                    Attribute(.ecParameters, bytes: parameters), Attribute(.ecPoint, bytes: point),
                ], beside: session)
        }

        private static func rsa(_ modulus: [UInt8], _ exponent: [UInt8], beside session: Session) throws -> Object {
            try RawObject.create(
                [
                    .objectClass(.publicKey), .keyType(.rsa), Attribute(.token, true), Attribute(.private, false),
                    Attribute(.modulus, bytes: modulus), Attribute(.publicExponent, bytes: exponent),
                ], beside: session)
        }
    }
}
