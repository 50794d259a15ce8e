import Ceremony
import CryptoPrimitives
import Evidence
import Room

/// One person at a terminal of their own, who reads a roster whole, says so in a word, and signs its very bytes.
struct RosterDialogue {
    let name: String
    let edition: RosterEdition
    let key: PersonKey

    /// - Parameters:
    ///   - word: What they type to sign.
    ///   - agreed: What is done once they did, and before it is signed.
    /// - Throws: `CeremonyError` without a terminal, or when the person signs nothing.
    func sign(word: String, agreed: () throws -> Void) async throws -> [UInt8] {
        guard let person = edition.roster.member(named: name) ?? edition.before?.member(named: name) else {
            throw edition.stranger(name)
        }
        let text = try RosterText.paragraphs(edition.bytes, before: edition.before)
        return try await TerminalSession.hold { terminal in
            let desk = Desk(Stage(terminal, hasKeys: false))
            let keys: Desk.KeyHandler = { key in if key == .pause { throw SteppedBack() } }
            do {
                try await agree(text, word, at: desk, keys: keys)
                try agreed()
                let participant = AttendedParticipant(person: person, desk: desk, keys: keys, overview: { nil })
                return try await key.signer(
                    of: person, or: edition.before?.member(named: name), asking: participant, at: terminal
                ).sign(edition.bytes, namespace: edition.roster.mode.rosterNamespace)
            } catch is SteppedBack {
                throw CeremonyError(.state, "Nothing was signed", remedy: "Run the command again to decide")
            }
        }
    }

    /// - Throws: `SteppedBack` when the person does not agree.
    private func agree(_ text: [Paragraph], _ word: String, at desk: Desk, keys: Desk.KeyHandler) async throws {
        let title = "\(name): read the roster that you sign."
        var unseen = try await desk.read(text, title: title, keys: keys)
        while true {
            let view = question(word, unseen)
            switch try await desk.line("\(word), read or back: ", keys: keys, view: { view }) {
            case word:
                if unseen == nil { return }
                desk.stage.notice("That signs nothing yet: type read, and read the others first.")
            case "read": unseen = try await desk.read(text, title: title, keys: keys)
            case "back": throw SteppedBack()
            case "": desk.stage.notice("Enter signs nothing.")
            default: desk.stage.notice("That signs nothing. To sign, type \(word), all of it.")
            }
        }
    }

    private func question(_ word: String, _ unseen: String?) -> View {
        let ways =
            unseen == nil
            ? "Compare what was carried to you outside this folder. Type \(word) to sign, read to read it again, or back to "
                + "sign nothing."
            : "Type read, and read the others: before that, \(word) signs nothing. Type back to sign nothing."
        let unseen = unseen.map { [Paragraph($0, style: .strong), .blank] } ?? []
        let asked = word == "change" ? "do you agree that the roster is changed so?" : "do you accept this roster?"
        return View(
            body: unseen + [
                Paragraph("\(name): \(asked)", style: .strong), .blank,
                Paragraph(edition.digest.hex, lead: "  SHA-256   "),
            ],
            spare: [
                [Paragraph(PGPWords.spell(edition.digest.bytes).joined(separator: " "), lead: "  in words  ")],
                [.blank, Paragraph(ways)],
            ])
    }
}
