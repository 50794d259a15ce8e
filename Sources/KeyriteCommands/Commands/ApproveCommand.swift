import ArgumentParser
import Ceremony
import Evidence
import Room

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Sign an open gate, as one person.")

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: ArgumentHelp("The gate: authorize, release, activate or close.", valueName: "gate"))
    var gate: Gate
    @Option(name: .customLong("as"), help: ArgumentHelp("Who signs, as the roster has them.", valueName: "name"))
    var name: String
    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String
    @Flag(help: "Rehearsal only: the participant approves without being asked.")
    var auto = false
    @OptionGroup var checkpoints: CheckpointOptions

    func run() async throws {
        let site = try InputFile.site(site)
        let checkpoint = try checkpoints.checkpoint(at: site)
        var folder: any FolderPort = try DiskFolder(at: self.folder)
        let (roster, _) = try FrozenCeremony.roster(in: folder)
        try site.require(roster.mode)
        let person = try roster.approver(named: name)
        var memory: any MemoryPort = try site.memory(of: person)
        if let checkpoint {
            folder = CheckedFolder(inner: folder, checkpoint: checkpoint)
            memory = CheckedMemory(inner: memory, checkpoint: checkpoint)
        }
        let approver = Approver(folder: folder, memory: memory, clock: SystemClock())
        func approve(_ participant: some ParticipantPort, _ signer: some SignerPort) async throws -> Decision {
            guard let checkpoint else {
                return try await approver.approve(gate, as: name, participant: participant, signer: signer)
            }
            return try await approver.approve(
                gate, as: name, participant: participant,
                signer: CheckedSigner(inner: signer, checkpoint: checkpoint))
        }
        let decision =
            auto
            ? try await approve(WillingParticipant(), try site.signer(of: name))
            : try await TerminalParticipant.decide(as: person, at: site, in: folder) { try await approve($0, $1) }
        Output.toPeople("\(name): \(decision.rawValue) signed for \(gate.rawValue).")
    }
}

/// A rehearsal's participant who always approves.
struct WillingParticipant: ParticipantPort {
    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
        guard statement.mode == .rehearsal else {
            throw CeremonyError(
                .invalidInput, "Nobody answers for themselves in a live ceremony", remedy: "Approve it in person")
        }
        return .approve
    }
}
