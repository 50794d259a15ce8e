import CryptoPrimitives
import Evidence
import PKCS11

/// What a participant of a rehearsal has in hand: who they are there, and the PIN of their token.
///
/// The PIN protects nothing: it is derived from the token's label, which is why it may lie on disk.
enum RehearsalCard {
    /// Writes `people/NAME.txt`, for the owner's eyes only.
    static func write(for member: Member, token: TokenInfo, in folder: DiskFolder) throws {
        let pin = try RehearsalTokens.pin(for: token).withUnsafeBytes { Array($0) }
        let lines = ["name   \(member.name)", "role   \(member.role.rawValue)", "token  \(token.label)", "PIN    "]
        try folder.write(
            Array(lines.joined(separator: "\n").utf8) + pin + [UInt8(ascii: "\n")], to: "people/\(member.name).txt")
    }
}
