import CryptoPrimitives
import Testing

@Suite("ECDSA P-256 verification")
struct P256Tests {
    /// RFC 6979, A.2.5.
    static let point = hex(
        "04", "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
        "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")
    static let r = hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716")
    static let s = hex("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")
    static let order = hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")
    static let digest = SHA256Digest(of: Array("sample".utf8))

    @Test("RFC 6979's signatures verify, with leading zeros or without")
    func vectors() throws {
        let key = try P256PublicKey(point: Self.point)
        #expect(try key.isValid(r: Self.r, s: Self.s, digest: Self.digest))
        let r = hex("F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367")
        let s = hex("019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")
        #expect(try key.isValid(r: r, s: s, digest: SHA256Digest(of: Array("test".utf8))))
    }

    @Test("Nothing else does")
    func refused() throws {
        let key = try P256PublicKey(point: Self.point)
        let zero = [UInt8](repeating: 0, count: 32)
        for index in 0..<32 {
            #expect(try !key.isValid(r: Self.r.flipping(index), s: Self.s, digest: Self.digest))
            #expect(try !key.isValid(r: Self.r, s: Self.s.flipping(index), digest: Self.digest))
        }
        #expect(try !key.isValid(r: Self.r, s: Self.s, digest: SHA256Digest(of: [])))
        for (r, s) in [
            (zero, Self.s), (Self.r, zero), (zero, zero), ([], []), (Self.order, Self.s), (Self.r, Self.order),
        ] {
            #expect(try !key.isValid(r: r, s: s, digest: Self.digest))
        }
    }

    @Test("Numbers too long for the curve are refused and not read", arguments: [33, 64, 4096])
    func tooLong(_ count: Int) throws {
        let key = try P256PublicKey(point: Self.point)
        let long = [UInt8](repeating: 0xFF, count: count)
        #expect(throws: CryptoError.self) { try key.isValid(r: long, s: Self.s, digest: Self.digest) }
        #expect(throws: CryptoError.self) { try key.isValid(r: Self.r, s: long, digest: Self.digest) }
    }

    @Test("Only an uncompressed point of the curve is a key")
    func points() throws {
        let point = Self.point
        let infinity = [UInt8](repeating: 0, count: 65)
        let refused: [[UInt8]] = [
            [], [0], Array(point.dropLast()), point + [0], point.flipping(64), point.flipping(1), infinity,
            [4] + infinity.dropFirst(), [6] + point.dropFirst(), [7] + point.dropFirst(), [2] + point[1...32],
            [4] + [UInt8](repeating: 0xFF, count: 64),
        ]
        for bad in refused {
            #expect(throws: CryptoError.self) { try P256PublicKey(point: bad) }
        }
    }
}

@Suite("Ed25519 verification")
struct Ed25519Tests {
    static let key = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    static let signature = hex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")

    @Test("RFC 8032's signatures verify")
    func vectors() throws {
        let empty = try Ed25519PublicKey(
            bytes: hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
        let overEmpty = hex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
        #expect(try empty.isValid(signature: overEmpty, message: []))
        #expect(try Ed25519PublicKey(bytes: Self.key).isValid(signature: Self.signature, message: [0x72]))
    }

    @Test("Nothing else does, not even the same signature with its number raised by the group's order")
    func refused() throws {
        let key = try Ed25519PublicKey(bytes: Self.key)
        for index in Self.signature.indices {
            #expect(try !key.isValid(signature: Self.signature.flipping(index), message: [0x72]))
        }
        #expect(try !key.isValid(signature: Self.signature, message: []))
        #expect(try !key.isValid(signature: Self.signature + [0], message: [0x72]))
        #expect(try !key.isValid(signature: Array(Self.signature.dropLast()), message: [0x72]))
        #expect(try !key.isValid(signature: [], message: [0x72]))
        let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        var raised = Array(Self.signature.prefix(32))
        var carry = 0
        for (one, other) in zip(Self.signature.suffix(32), order) {
            carry += Int(one) + Int(other)
            raised.append(UInt8(carry & 255))
            carry >>= 8
        }
        #expect(try !key.isValid(signature: raised, message: [0x72]))
    }

    @Test(
        "A key that everybody can sign for, or in a second form, is refused, whatever its sign bit",
        arguments: [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ])
    func weak(_ text: String) {
        var bytes = hex(text)
        #expect(throws: CryptoError.self) { try Ed25519PublicKey(bytes: bytes) }
        bytes[31] |= 0x80
        #expect(throws: CryptoError.self) { try Ed25519PublicKey(bytes: bytes) }
    }

    @Test("A key has 32 bytes", arguments: [0, 31, 33, 64])
    func size(_ count: Int) {
        #expect(throws: CryptoError.self) { try Ed25519PublicKey(bytes: [UInt8](repeating: 9, count: count)) }
    }
}
