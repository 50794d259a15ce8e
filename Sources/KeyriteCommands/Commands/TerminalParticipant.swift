import Ceremony
import Evidence
import Room

/// One person who signs at a terminal of their own: nothing but the decision is asked for there.
enum TerminalParticipant {
    /// - Parameters:
    ///   - person: Who signs.
    ///   - approve: Has the participant decide and the signer sign.
    /// - Throws: `CeremonyError` without a terminal, or when the person signs nothing.
    static func decide<R>(
        as person: Member, at site: Site, _ approve: (AttendedParticipant, AskedPINSigner) async throws -> R
    ) async throws -> R {
        try await TerminalSession.hold { terminal in
            let participant = AttendedParticipant(person: person, desk: Desk(Stage(terminal, hasKeys: false))) { key in
                // Only the run takes down what is put on record.
                if key == .pause { throw SteppedBack() }
            }
            do {
                return try await approve(participant, try AskedPINSigner(site: site, name: person.name, participant))
            } catch is SteppedBack {
                throw CeremonyError(.state, "Nothing was signed", remedy: "Run the command again to decide")
            }
        }
    }
}
