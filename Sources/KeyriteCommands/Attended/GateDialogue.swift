import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11
import Room

/// Has people come to the screen and sign an open gate, one after the other.
struct GateDialogue {
    let site: Site
    let folder: DiskFolder
    let screen: AttendedScreen
    let interjector: Interjector
    let finalTries: FinalTries

    private var desk: Desk { screen.desk }

    /// Until as many have approved as are missing, or one has refused; at this screen, or elsewhere in the same folder.
    ///
    /// - Throws: `Interjected` when people put on record what voids the gate; `RoomEnd`; `EvidenceError`.
    func gather(at gate: Gate, missing: [GateRequirement], record: Record) async throws {
        let recorded = record.gates.open?.approvals.map(\.name) ?? []
        interjector.ask(at: gate)
        defer { interjector.ask(at: nil) }
        var before: [String]?
        while true {
            let decisions = record.unrecorded(in: folder, at: SystemClock().now())
            guard !decisions.contains(where: { $0.decision == .refuse }) else { return }
            // Who is not wanted any more may be spared for another gate, and is then not counted.
            let wanted = missing.flatMap { record.approvers(of: $0.role, at: gate) }.map(\.name)
            let signed = decisions.map(\.name).filter { wanted.contains($0) }
            if let before { tell(of: signed.filter { !before.contains($0) }) }
            screen.asks(signed: signed)
            let candidates = Self.candidates(gate, missing, record, recorded: recorded, signed: signed)
            guard !candidates.isEmpty else { return }
            let name = try await ask(candidates.map(\.name).joined(separator: ", "), gate)
            before = name.isEmpty ? signed : nil
            if !name.isEmpty { try await sign(gate, as: name, of: candidates) }
        }
    }

    /// - Parameter names: Who signed elsewhere since it was looked for.
    private func tell(of names: [String]) {
        desk.stage.notice(
            names.isEmpty
                ? "Enter signs nothing. Type a name." : "Signed elsewhere: \(names.joined(separator: ", ")).")
    }

    /// Who could sign of the roles that the gate still misses.
    private static func candidates(
        _ gate: Gate, _ missing: [GateRequirement], _ record: Record, recorded: [String], signed: [String]
    ) -> [Member] {
        missing.flatMap { requirement -> [Member] in
            let members = record.approvers(of: requirement.role, at: gate)
            let done = members.count { signed.contains($0.name) }
            guard done < requirement.count else { return [] }
            return members.filter { !signed.contains($0.name) && !recorded.contains($0.name) }
        }
    }

    /// - Returns: What was typed; nothing where only Enter was.
    private func ask(_ names: String, _ gate: Gate) async throws -> String {
        try await desk.line("Who signs? ", limit: 32, keys: keys) { [screen] in
            View(
                overview: await screen.overview(),
                body: [
                    Paragraph(
                        """
                        Who signs \(gate.rawValue) now comes to the screen and types their name: \(names). Enter alone \
                        looks for what was signed elsewhere.
                        """)
                ])
        }
    }

    private var keys: Desk.KeyHandler { { [interjector] in try await interjector.handle($0) } }

    private func sign(_ gate: Gate, as name: String, of candidates: [Member]) async throws {
        if let person = candidates.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            return try await sign(gate, as: person)
        }
        let names = candidates.map(\.name).joined(separator: ", ")
        desk.stage.notice("\(name) cannot sign here now. Who can: \(names).")
    }

    /// Has one person decide; where nothing was signed, people are told why.
    private func sign(_ gate: Gate, as person: Member) async throws {
        let participant = AttendedParticipant(person: person, desk: desk, keys: keys) { [screen] in
            await screen.overview()
        }
        let signer = try AskedPINSigner(site: site, participant, listed: ListedKey(of: person)) {
            [finalTries, interjector] in
            try await finalTries.admit($0, by: interjector)
        }
        let approver = Approver(folder: folder, memory: try site.memory(of: person), clock: SystemClock())
        do {
            let decision = try await approver.approve(gate, as: person.name, participant: participant, signer: signer)
            desk.stage.notice("\(person.name) signed: \(decision.rawValue) at \(gate.rawValue).")
        } catch is SteppedBack {
            desk.stage.notice("\(person.name) stepped back. Nothing was signed.")
        } catch  where error.isForPeople {
            desk.stage.notice("\(error)")
        }
    }
}

extension AskedPINSigner {
    /// - Parameters:
    ///   - participant: Who is asked.
    ///   - listed, admit: As of `init(site:name:listed:admit:ask:)`.
    init(
        site: Site, _ participant: AttendedParticipant, listed: ListedKey,
        admit: @escaping @Sendable (TokenInfo) async throws -> Bool
    ) throws {
        let name = participant.person.name
        let hint =
            site.mode == .rehearsal ? "In a rehearsal it stands on your card, people/\(name).txt in the room." : nil
        self.init(site: site, name: name, listed: listed, admit: admit) {
            try await participant.pin(of: $0, hint: hint, after: $1)
        }
    }
}
