import Ceremony
import Evidence
import Room

/// One person who signs at a terminal of their own: nothing but the decision is asked for there.
enum TerminalParticipant {
    /// - Parameters:
    ///   - person: Who signs.
    ///   - folder: The ceremony folder, as it is here.
    ///   - signer: Makes what the person signs with.
    ///   - approve: Has the participant decide and the signer sign.
    /// - Throws: `CeremonyError` without a terminal, or when the person signs nothing.
    static func decide<Signer, R>(
        as person: Member, in folder: any FolderPort,
        signer: (AttendedParticipant, TerminalDevice) throws -> Signer,
        _ approve: (AttendedParticipant, Signer) async throws -> R
    ) async throws -> R {
        let record = try? record(of: folder)
        return try await TerminalSession.hold { terminal in
            let participant = AttendedParticipant(person: person, desk: Desk(Stage(terminal, hasKeys: false))) { key in
                // Only the run takes down what is put on record.
                if key == .pause { throw SteppedBack() }
            } overview: {
                record.map { record in
                    let now = SystemClock().now()
                    return Overview(
                        of: record, running: nil, signed: record.unrecorded(in: folder, at: now).map(\.name),
                        refused: record.refusal(in: folder)?.words, now: now)
                }
            }
            do {
                return try await approve(participant, try signer(participant, terminal))
            } catch is SteppedBack {
                throw CeremonyError(.state, "Nothing was signed", remedy: "Run the command again to decide")
            }
        }
    }

    /// For orientation alone: what does not hold in the folder is for the approval to say.
    private static func record(of folder: any FolderPort) throws -> Record {
        var record = try FrozenCeremony(reading: folder).emptyRecord
        try record.replay(try Transcript(parsingWholeLinesOf: try folder.read(Transcript.path)), folder: folder)
        return record
    }
}
