import ArgumentParser
import Ceremony
import Evidence
import Room

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Sign an open gate, as one person: here, or away from here.",
        discussion: """
            With --site the person's token signs, with --ssh-key their own key, for which no site is needed. --export \
            prepares a folder to sign elsewhere, and --import takes what came back.
            """)

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: ArgumentHelp("The gate: authorize, release, activate or close.", valueName: "gate"))
    var gate: Gate
    @OptionGroup var person: PersonOptions
    @Option(help: ArgumentHelp("Make this folder, with all that is needed to sign elsewhere.", valueName: "folder"))
    var export: String?
    @Option(
        name: .customLong("import"),
        help: ArgumentHelp("Take the decision that was signed in this exported folder.", valueName: "folder"))
    var importing: String?
    @Option(
        help: ArgumentHelp(
            "Rehearsal only: what this machine remembers, in place of ~/.local/state/keyrite.", valueName: "folder"))
    var memory: String?
    @Flag(help: "Rehearsal only: the participant approves without being asked.")
    var auto = false
    @OptionGroup var checkpoints: CheckpointOptions

    func validate() throws {
        let ways = [person.sshKey, export, importing].compactMap(\.self).count
        guard ways <= 1 else { throw ValidationError("Give one of --ssh-key, --export and --import.") }
        guard ways == 1 || person.site != nil else {
            throw ValidationError("Give --site, or one of --ssh-key, --export and --import.")
        }
        guard memory == nil || person.site == nil else { throw ValidationError("The site says where the memory is.") }
        guard !auto || export == nil && importing == nil else {
            throw ValidationError("--auto is for a signature that is made here.")
        }
    }

    func run() async throws {
        let (name, site) = (person.name, try person.readSite())
        let siteCheckpoint = try site.flatMap { try checkpoints.checkpoint(at: $0) }
        let disk = try CeremonyFolder.open(self.folder)
        let (roster, _) = try FrozenCeremony.roster(in: disk)
        try site?.require(roster.mode)
        let member = try roster.approver(named: name)
        guard !auto || roster.mode == .rehearsal else { throw WillingParticipant.refusal }
        let checkpoint = try siteCheckpoint ?? checkpoints.checkpoint(in: roster.mode, by: "the roster")
        var folder: any FolderPort = disk
        var memory: any MemoryPort = try DiskMemory(
            of: member, in: try MemoryFolder.path(memory, at: site, roster.mode))
        if let checkpoint {
            folder = CheckedFolder(inner: folder, checkpoint: checkpoint)
            memory = CheckedMemory(inner: memory, checkpoint: checkpoint)
        }
        let approver = Approver(folder: folder, memory: memory, clock: SystemClock())
        if let export {
            return try AwayFolder(at: export).export(gate, as: name, from: disk, memory: memory)
        }
        if let importing {
            let decision = try approver.accept(
                try AwayFolder(at: importing).returned(gate, by: name), at: gate, as: name)
            return Output.toPeople("\(name): \(decision.rawValue) taken in for \(gate.rawValue).")
        }
        func approve(_ participant: some ParticipantPort, _ signer: any SignerPort) async throws -> Decision {
            let signer = checkpoint.map { CheckedSigner(inner: signer, checkpoint: $0) } ?? signer
            return try await approver.approve(gate, as: name, participant: participant, signer: signer)
        }
        let key = PersonKey(site: site, sshKey: person.sshKey)
        try key.requireListed(for: member, on: roster)
        let decision =
            auto
            ? try await approve(WillingParticipant(), try key.signer(of: member))
            : try await TerminalParticipant.decide(
                as: member, in: folder, signer: { try key.signer(of: member, asking: $0, at: $1) }
            ) { try await approve($0, $1) }
        Output.toPeople("\(name): \(decision.rawValue) signed for \(gate.rawValue).")
    }
}

/// A rehearsal's participant who always approves.
struct WillingParticipant: ParticipantPort {
    static let refusal = CeremonyError(
        .invalidInput, "Nobody answers for themselves in a live ceremony", remedy: "Approve it in person")

    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
        guard statement.mode == .rehearsal else { throw Self.refusal }
        return .approve
    }
}
