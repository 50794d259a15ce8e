import CryptoPrimitives
import Foundation
import TestSupport
import Testing

@Suite("Digests and codes")
struct DigestTests {
    @Test(
        "SHA-256 gives the values of FIPS 180-4's examples",
        arguments: [
            ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                [UInt8](repeating: 0x61, count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func sha256(data: [UInt8], expected: String) throws {
        let digest = SHA256Digest(of: data)
        #expect(digest.hex == expected)
        #expect(SHA256Digest(hex: expected) == digest)
        #expect(try JSONDecoder().decode([SHA256Digest].self, from: JSONEncoder().encode([digest])) == [digest])
    }

    @Test(
        "a file's digest is that of its bytes, however many, wherever its descriptor stands",
        arguments: [0, 1, 1 << 20, 1 << 20 + 1])
    func file(size: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path + "/file"
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            try Data(bytes).write(to: URL(filePath: path))
            #expect(try SHA256Digest(ofFileAt: path) == SHA256Digest(of: bytes))
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            try file.seekToEnd()
            #expect(try SHA256Digest(ofFile: file.fileDescriptor) == SHA256Digest(of: bytes))
        }
    }

    @Test("a file that cannot be read is named, with why")
    func unreadable() throws {
        let missing = try #require(throws: SHA256Digest.Unread.self) { try SHA256Digest(ofFileAt: "/nowhere/file") }
        #expect(missing.description == "/nowhere/file cannot be read: No such file or directory")
        #expect(throws: SHA256Digest.Unread.self) { try SHA256Digest(ofFileAt: "/proc/self") }
    }

    @Test("SHA-512 gives the values of FIPS 180-4's examples")
    func sha512() {
        let abc = hex(
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a",
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
        let empty = hex(
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce",
            "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")
        #expect(SHA512.hash(Array("abc".utf8)) == abc)
        #expect(SHA512.hash([]) == empty)
    }

    @Test("HMAC-SHA-256 gives RFC 4231's values")
    func hmac() throws {
        let cases: [(key: [UInt8], data: [UInt8], code: [UInt8])] = [
            (
                [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
                hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
            ),
            (
                [UInt8](repeating: 0xAA, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
            ),
            ([], [], hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")),
        ]
        for (key, data, code) in cases {
            let key = try key.withUnsafeBytes { try SecretBytes(copying: $0) }
            let made = try HMACSHA256.authenticate(data, key: key)
            #expect(made.withUnsafeBytes { Array($0) } == code)
        }
    }

    @Test(
        "A digest is written in one way only",
        arguments: [
            "", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550a",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\n",
        ])
    func refused(_ text: String) throws {
        #expect(SHA256Digest(hex: text) == nil)
        let json = try JSONEncoder().encode([text])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([SHA256Digest].self, from: json) }
    }
}
