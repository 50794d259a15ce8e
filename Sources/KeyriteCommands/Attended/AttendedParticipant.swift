import Ceremony
import CryptoPrimitives
import Evidence
import Room

/// One person at the screen: reads the statement whole, and then types the gate's name or *no*.
struct AttendedParticipant: ParticipantPort {
    let person: Member
    let desk: Desk
    let keys: Desk.KeyHandler
    /// Where the ceremony stands.
    let overview: @Sendable () async -> Overview?

    /// - Throws: `SteppedBack` when the person decides nothing.
    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
        let text = try StatementText.paragraphs(bytes)
        let gate = statement.gate.rawValue
        let title = "\(person.name) (\(person.role.rawValue)): read what you sign at the gate \(gate)."
        var unseen = try await desk.read(text, title: title, keys: keys, overview: overview)
        while true {
            let view = question(gate, bytes, unseen)
            switch try await desk.line("\(gate), no, read or back: ", keys: keys, view: { await standing(view) }) {
            case gate: return .approve
            case "no":
                if let reason = try await reason() { return .refuse(reason: reason) }
            case "read": unseen = try await desk.read(text, title: title, keys: keys, overview: overview)
            case "back": throw SteppedBack()
            case "": desk.stage.notice("Enter approves nothing.")
            default: desk.stage.notice("That approves nothing. To approve, type \(gate), all of it.")
            }
        }
    }

    /// The view under a line that tells where the ceremony stands.
    private func standing(_ view: View) async -> View {
        View(overview: await overview(), isBrief: true, body: view.body)
    }

    private func question(_ gate: String, _ bytes: [UInt8], _ unseen: String?) -> View {
        let digest = SHA256Digest(of: bytes)
        let unseen = unseen.map { [Paragraph($0, style: .strong), .blank] } ?? []
        return View(
            body: unseen + [
                Paragraph("\(person.name): do you approve the gate \(gate)?", style: .strong), .blank,
                Paragraph(digest.hex, lead: "  SHA-256   "),
                Paragraph(PGPWords.spell(digest.bytes).joined(separator: " "), lead: "  in words  "), .blank,
                Paragraph(
                    """
                    Type \(gate) to approve. Type no to refuse; you will be asked why. Type read to read it again, or back to \
                    let somebody else come. Anything else signs nothing.
                    """),
            ])
    }

    private func reason() async throws -> String? {
        let reason = try await desk.line("Reason: ", keys: keys) {
            await standing(
                View(body: [
                    Paragraph("\(person.name): why do you refuse?", style: .strong),
                    Paragraph("The reason is signed and stays in the evidence. Enter alone goes back."),
                ]))
        }
        return reason.allSatisfy { $0 == " " } ? nil : reason
    }

    /// Asks for the PIN of the person's token.
    ///
    /// - Parameter hint: Where the PIN may be found, in a rehearsal.
    func pin(of token: String, hint: String?) async throws -> SecretBytes {
        let pin = try await desk.secret("PIN: ", keys: keys) {
            await standing(
                View(
                    body: [
                        Paragraph("\(person.name): the PIN of your \(token)", style: .strong),
                        Paragraph(
                            "It is not shown as you type, and tried once. Enter alone goes back: nothing is signed."),
                    ] + (hint.map { [Paragraph($0)] } ?? [])))
        }
        guard let pin else { throw SteppedBack() }
        return pin
    }
}

/// A person left the screen without having decided.
struct SteppedBack: Error {}
