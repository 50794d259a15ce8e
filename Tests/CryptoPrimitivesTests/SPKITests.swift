import CryptoPrimitives
import TestSupport
import Testing

@Suite("The one form of an RSA public key")
struct SPKITests {
    @Test("A key that openssl made is read, with its numbers")
    func read() async throws {
        let spki = try await Self.made("RSA", "rsa_keygen_bits:3072")
        let key = try RSAPublicKey(spki: spki)
        #expect(key.bits == 3072 && key.exponent == [1, 0, 1] && key.spki == spki)
    }

    @Test(
        "A key of another kind, or that nobody should wrap under, is refused",
        arguments: [
            ["RSA", "rsa_keygen_bits:1024"], ["RSA", "rsa_keygen_bits:2048", "rsa_keygen_pubexp:3"],
            ["RSA-PSS", "rsa_keygen_bits:2048"], ["EC", "ec_paramgen_curve:P-256"], ["ED25519"],
        ])
    func refusedKind(_ kind: [String]) async throws {
        let spki = try await Self.made(kind[0], Array(kind.dropFirst()))
        #expect(throws: CryptoError.self) { try RSAPublicKey(spki: spki) }
    }

    @Test("Any other bytes for the same key are refused")
    func refusedForm() throws {
        let spki = try RSAPrivateKey(bits: 2048).publicKey.spki
        let algorithm = hex("300d06092a864886f70d0101010500")
        try #require(Array(spki[4..<19]) == algorithm && spki.count == 294)
        let bits = Array(spki[19...])
        let numbers = Array(spki[24...])
        let modulus = Array(numbers[8..<265])
        func der(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
            let count = content.count
            let length: [UInt8] =
                count < 128
                ? [UInt8(count)] : count < 256 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 255)]
            return [tag] + length + content
        }
        func key(modulus: [UInt8], exponent: [UInt8], unused: UInt8 = 0) -> [UInt8] {
            der(0x30, algorithm + der(0x03, [unused] + der(0x30, der(0x02, modulus) + der(0x02, exponent))))
        }
        try #require(key(modulus: modulus, exponent: [1, 0, 1]) == spki)
        #expect(throws: Never.self) { try RSAPublicKey(spki: spki) }
        let refused: [[UInt8]] = [
            [], spki + [0], Array(spki.dropLast()), numbers,
            [0x30, 0x83, 0x00] + spki[2...], [0x30, 0x80] + spki[4...] + [0, 0],
            der(0x30, hex("300b06092a864886f70d010101") + bits),
            der(0x30, algorithm + bits + [5, 0]),
            key(modulus: [0] + modulus, exponent: [1, 0, 1]), key(modulus: modulus, exponent: [0, 1, 0, 1]),
            key(modulus: Array(modulus.dropFirst()), exponent: [1, 0, 1]),
            key(modulus: modulus, exponent: [1]), key(modulus: modulus, exponent: [3]),
            key(modulus: modulus, exponent: [1, 0, 0]), key(modulus: modulus, exponent: []),
            key(modulus: modulus, exponent: [0xFF, 0, 1]), key(modulus: modulus, exponent: [1] + modulus),
            key(modulus: modulus.dropLast() + [0x10], exponent: [1, 0, 1]),
            key(modulus: modulus, exponent: [1, 0, 1], unused: 1),
        ]
        for (index, bytes) in refused.enumerated() {
            #expect(throws: CryptoError.self, "form \(index)") { try RSAPublicKey(spki: bytes) }
        }
    }

    private static func made(_ algorithm: String, _ options: String...) async throws -> [UInt8] {
        try await made(algorithm, options)
    }

    private static func made(_ algorithm: String, _ options: [String]) async throws -> [UInt8] {
        let key = try await runProcess(
            ["openssl", "genpkey", "-algorithm", algorithm] + options.flatMap { ["-pkeyopt", $0] })
        try #require(key.status == 0, "\(key.stderrText)")
        let spki = try await runProcess(["openssl", "pkey", "-pubout", "-outform", "DER"], input: key.stdout)
        try #require(spki.status == 0, "\(spki.stderrText)")
        return spki.stdout
    }
}
