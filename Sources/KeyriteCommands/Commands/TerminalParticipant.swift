import Ceremony
import Evidence
import Foundation
import Glibc

/// The person at this terminal: shown the statement, asked to type the gate's name.
struct TerminalParticipant: ParticipantPort {
    /// - Throws: `CeremonyError` when there is no terminal to ask at.
    init() throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CeremonyError(
                .invalidInput, "There is no terminal to ask at", remedy: "Approve in person, at a terminal")
        }
    }

    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
        let gate = statement.gate.rawValue
        Output.toPeople(try StatementText.render(bytes))
        Output.toPeople("\nType \(gate) to approve, or no to refuse. Anything else signs nothing.")
        switch readLine() {
        case gate: return .approve
        case "no": return .refuse(reason: try reason())
        default:
            throw CeremonyError(.state, "Nothing was signed", remedy: "Run the command again to decide")
        }
    }

    private func reason() throws -> String {
        Output.toPeople("Why? The reason is signed and stays in the evidence.")
        guard let reason = readLine(), !reason.isEmpty else {
            throw CeremonyError(.state, "Nothing was signed: a refusal needs a reason", remedy: "Run it again")
        }
        return reason
    }
}
