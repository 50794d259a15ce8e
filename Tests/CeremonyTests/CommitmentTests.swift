import Ceremony
import CryptoPrimitives
import TestSupport
import Testing

@Suite("Commitments and check values, with openssl as the second opinion")
struct CommitmentTests {
    /// Keys whose encrypted zero block begins with a set and with a clear bit, so that both branches of K1 are tried.
    static let keys = [
        String(repeating: "00", count: 32),
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        "2b7e151628aed2a6abf7158809cf4f3c2b7e151628aed2a6abf7158809cf4f3c",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
    ]

    @Test("AES-CMAC of a zero block is what openssl computes", arguments: keys)
    func cmac(key: String) async throws {
        let secret = try Self.secret(key)
        let zero = [UInt8](repeating: 0, count: 16)
        let block = ZeroBlockCMAC.block(afterZero: try AES256.encryptECB(zero, key: secret))
        let ours = Hex.encode(try AES256.encryptECB(block, key: secret))
        let theirs = try await runProcess(
            "openssl",
            ["mac", "-macopt", "cipher:AES-256-CBC", "-macopt", "hexkey:\(key)", "-in", "/dev/stdin", "CMAC"],
            input: zero)
        try #require(theirs.status == 0, "\(theirs.stderrText)")
        #expect(theirs.stdoutText.lowercased().hasPrefix(ours))
    }

    @Test("the keys try both branches of the subkey")
    func branches() throws {
        let first = try Self.keys.map { key in
            try AES256.encryptECB([UInt8](repeating: 0, count: 16), key: try Self.secret(key))[0] & 0x80
        }
        #expect(Set(first) == [0, 0x80])
    }

    @Test("the commitment's block is the first half of the digest that DESIGN names, for this ceremony and slot alone")
    func block() async throws {
        let nonce = [UInt8](0..<32)
        let text = Array("keyrite commitment v1".utf8) + nonce + Array("payments".utf8)
        let theirs = try await runProcess("sha256sum", input: text)
        #expect(Hex.encode(Commitment.block(nonce: nonce, slot: "payments")) == theirs.stdoutText.prefix(32))
        #expect(Commitment.block(nonce: nonce, slot: "orders") != Commitment.block(nonce: nonce, slot: "payments"))
        #expect(Commitment.block(nonce: nonce.reversed(), slot: "x") != Commitment.block(nonce: nonce, slot: "x"))
    }

    private static func secret(_ hex: String) throws -> SecretBytes {
        let bytes = try #require(Hex.decode(hex))
        return try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }
    }
}
