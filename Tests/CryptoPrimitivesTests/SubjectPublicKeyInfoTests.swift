import CryptoPrimitives
import Testing

@Suite("Public keys put together from their parts")
struct SubjectPublicKeyInfoTests {
    @Test("The parts of an RSA key make its very bytes, with leading zeros or without", arguments: [2048, 3072, 4096])
    func rsa(bits: Int) throws {
        let key = try RSAPrivateKey(bits: bits).publicKey
        #expect(try SubjectPublicKeyInfo.rsa(modulus: key.modulus, exponent: key.exponent) == key.spki)
        #expect(try SubjectPublicKeyInfo.rsa(modulus: [0, 0] + key.modulus, exponent: [0, 1, 0, 1]) == key.spki)
    }

    @Test("An RSA key that nobody should use is refused")
    func weakRSA() throws {
        let modulus = try RSAPrivateKey(bits: 2048).publicKey.modulus
        let even = Array(modulus.dropLast()) + [0x10]
        let weak: [([UInt8], [UInt8])] = [
            (modulus, [3]), (modulus, []), (modulus, [1, 0, 0]), (even, [1, 0, 1]), ([], [1, 0, 1]),
            (Array(modulus.suffix(128)), [1, 0, 1]),
        ]
        for (modulus, exponent) in weak {
            #expect(throws: CryptoError.self) { try SubjectPublicKeyInfo.rsa(modulus: modulus, exponent: exponent) }
        }
    }

    @Test("A curve and a point make the very bytes of the key", arguments: EllipticCurve.allCases)
    func ec(curve: EllipticCurve) throws {
        let spki = try PrivateKey(generating: .ec(curve)).spki
        let point = Array(spki.suffix(1 + 2 * curve.coordinateSize))
        #expect(try SubjectPublicKeyInfo.ec(curve, point: point) == spki)
    }

    @Test("A point off its curve, or in another form, is refused", arguments: EllipticCurve.allCases)
    func otherPoints(curve: EllipticCurve) throws {
        let size = curve.coordinateSize
        let point = Array(try PrivateKey(generating: .ec(curve)).spki.suffix(1 + 2 * size))
        let y = point[2 * size]
        let refused: [[UInt8]] = [
            point.flipping(size), point.flipping(2 * size), [2 + (y & 1)] + point[1...size],
            [6 + (y & 1)] + point[1...],
            [0], [], point + [0], Array(point.dropLast()), [4] + [UInt8](repeating: 0, count: 2 * size),
            [4] + [UInt8](repeating: 0xFF, count: 2 * size),
        ]
        for (index, point) in refused.enumerated() {
            #expect(throws: CryptoError.self, "form \(index)") { try SubjectPublicKeyInfo.ec(curve, point: point) }
        }
    }

    @Test("A point of another curve of the same size is refused")
    func otherCurve() throws {
        let point = Array(try PrivateKey(generating: .ec(.p256)).spki.suffix(65))
        #expect(throws: CryptoError.self) { try SubjectPublicKeyInfo.ec(.secp256k1, point: point) }
    }
}
