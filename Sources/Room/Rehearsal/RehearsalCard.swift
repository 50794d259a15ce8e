import CryptoPrimitives
package import Evidence
package import PKCS11

/// What a participant of a rehearsal has in hand: who they are there, and the PIN of their token.
///
/// The PIN protects nothing: it is derived from the token's label, which is why it may lie on disk.
package enum RehearsalCard {
    /// Writes `people/NAME.txt`, for the owner's eyes only.
    package static func write(for member: Member, token: TokenInfo, in folder: DiskFolder) throws {
        let lines = ["name   \(member.name)", "role   \(member.role.rawValue)", "token  \(token.label)", "PIN    "]
        let text = Array(lines.joined(separator: "\n").utf8)
        let pin = try RehearsalTokens.pin(for: token)
        let card = try SecretBytes(capacity: text.count + pin.count + 1) { buffer in
            buffer.copyBytes(from: text)
            pin.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[text.count...]).copyMemory(from: $0) }
            buffer[text.count + pin.count] = UInt8(ascii: "\n")
            return text.count + pin.count + 1
        }
        try card.withUnsafeBytes { try folder.write($0, to: "people/\(member.name).txt") }
    }
}
