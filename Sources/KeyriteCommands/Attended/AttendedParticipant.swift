import Ceremony
import CryptoPrimitives
import Evidence
import Room

/// One person at the screen: says of each thing in the statement whether it is right, and then types the gate's name or *no*.
struct AttendedParticipant: ParticipantPort {
    let person: Member
    let desk: Desk
    let keys: Desk.KeyHandler
    /// Where the ceremony stands.
    let overview: @Sendable () async -> Overview?

    /// - Throws: `SteppedBack` when the person decides nothing.
    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
        let things = try StatementThing.all(of: bytes)
        let gate = statement.gate.rawValue
        if let refusal = try await judge(things, gate) { return refusal }
        while true {
            let view = question(gate, bytes)
            switch try await desk.line("\(gate), no, read or back: ", keys: keys, view: { await standing(view) }) {
            case gate: return .approve
            case "no":
                if let reason = try await reason(against: nil) { return .refuse(reason: reason) }
            case "read":
                if let refusal = try await judge(things, gate) { return refusal }
            case "back": throw SteppedBack()
            case "": desk.stage.notice("Enter approves nothing.")
            default: desk.stage.notice("That approves nothing. To approve, type \(gate), all of it.")
            }
        }
    }

    /// Asks about one thing after the other.
    ///
    /// - Returns: The refusal, when one of them is not right; nil when all of them are.
    private func judge(_ things: [StatementThing], _ gate: String) async throws -> Answer? {
        var number = 0
        while number < things.count {
            let thing = things[number]
            let title =
                "\(person.name) (\(person.role.rawValue)), \(number + 1) of \(things.count) at \(gate): \(thing.question)"
            switch try await desk.judge(thing.paragraphs, title: title, keys: keys, overview: overview) {
            case .right: number += 1
            case .wrong:
                if let reason = try await reason(against: thing) { return .refuse(reason: reason) }
            case .left: throw SteppedBack()
            }
        }
        return nil
    }

    /// The view under a line that tells where the ceremony stands.
    private func standing(_ view: View) async -> View {
        var view = view
        view.overview = await overview()
        view.isBrief = true
        return view
    }

    private func question(_ gate: String, _ bytes: [UInt8]) -> View {
        let digest = SHA256Digest(of: bytes)
        return View(
            body: [
                Paragraph("\(person.name): do you approve the gate \(gate)?", style: .strong), .blank,
                Paragraph(digest.hex, lead: "  SHA-256   "),
            ],
            spare: [
                [Paragraph(PGPWords.spell(digest.bytes).joined(separator: " "), lead: "  in words  ")],
                [
                    .blank,
                    Paragraph(
                        """
                        Type \(gate) to approve. Type no to refuse; you will be asked why. Type read to read it again, or back \
                        to \(desk.stage.hasKeys ? "let somebody else come" : "sign nothing"). Anything else signs nothing.
                        """),
                ],
            ])
    }

    /// - Parameter thing: What is not right; it stands before the person's own words. Nil for the whole statement.
    private func reason(against thing: StatementThing?) async throws -> String? {
        let before = thing.map { "\($0.title): " } ?? ""
        let reason = try await desk.line("Reason: \(before)", keys: keys) {
            await standing(
                View(body: [
                    Paragraph("\(person.name): why do you refuse?", style: .strong),
                    Paragraph("The reason is signed and stays in the evidence. Enter alone goes back."),
                ]))
        }
        return reason.allSatisfy { $0 == " " } ? nil : before + reason
    }

    /// Asks for the PIN of the person's token.
    ///
    /// - Parameters:
    ///   - hint: Where the PIN may be found, in a rehearsal.
    ///   - refused: What became of the one before; nil for the first.
    func pin(of token: String, hint: String?, after refused: PINRefused?) async throws -> SecretBytes {
        let pin = try await desk.secret("PIN: ", keys: keys) {
            await standing(
                View(
                    body: (refused.map { [Paragraph($0.description), .blank] } ?? []) + [
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
