import Ceremony
import CryptoPrimitives
import Evidence
import TestSupport
import Testing

@Suite("What ssh-keygen takes and evidence does not")
struct ForgedApprovalsTests {
    @Test("the other signature that anyone can make of an Ed25519 signature, with the order of the group added to S")
    func addedOrder() async throws {
        let room = try await TestRoom.ready()
        try await room.advance()
        try await room.expectBothSay("VERIFIED")
        let path = "roster/ben.sig"
        let bytes = try room.folder.read(path)
        let made = try SSHSignature(armored: bytes)
        let other = made.rawSignature.prefix(32) + Self.added(Array(made.rawSignature.suffix(32)))
        let armored = try #require(Self.armor(bytes, replacing: made.rawSignature, with: Array(other)))
        #expect(armored != bytes)
        try room.folder.write(armored, to: path)
        try await room.expectBothSay("REFUSED: \(path)")
    }

    /// S + L, little-endian.
    private static func added(_ s: [UInt8]) -> [UInt8] {
        let order = Array(
            (Hex.decode("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed") ?? []).reversed())
        var carry = 0
        return zip(s, order).map { one, other in
            let sum = Int(one) + Int(other) + carry
            carry = sum >> 8
            return UInt8(sum & 255)
        }
    }

    /// The same armor around other bytes, of which no `SSHSignature` can be made here.
    private static func armor(_ armored: [UInt8], replacing old: [UInt8], with new: [UInt8]) -> [UInt8]? {
        let lines = String(decoding: armored, as: UTF8.self).split(separator: "\n")
        guard let begin = lines.first, let end = lines.last,
            var blob = Base64.decode(lines.dropFirst().dropLast().joined()), let range = blob.firstRange(of: old)
        else { return nil }
        blob.replaceSubrange(range, with: new)
        let base64 = Array(Base64.encode(blob))
        let body = stride(from: 0, to: base64.count, by: 70).map { String(base64[$0..<min($0 + 70, base64.count)]) }
        return Array((([String(begin)] + body + [String(end)]).map { $0 + "\n" }).joined().utf8)
    }
}
