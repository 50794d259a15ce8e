import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// One ceremony over fresh keys, held by processes that may be killed.
struct KillCeremony: Sendable {
    /// A checkpoint of a process: the ceremony's how-manieth of its kind, and which of its checkpoints.
    struct Point: Hashable, CustomStringConvertible {
        let process: String
        /// Counted from 1; nil for the first of its name.
        let number: Int?
        let name: String
        /// Where it stands between the lines; nil where that does not matter.
        var place: Place?

        var description: String {
            let after = place.map { "\($0.position) after line \($0.lines): " }
            return "\(process), \(after ?? number.map { "point \($0): " } ?? "")\(name)"
        }
    }

    /// Where a checkpoint stands between the lines that the ceremony journals, other than run-started: a process that goes on
    /// elsewhere comes by it, too.
    struct Place: Hashable {
        /// How many there are.
        let lines: Int
        /// The how-manieth checkpoint since the last of them, from 1.
        let position: Int
        /// The how-manieth of its name since.
        let times: Int
    }

    let room: KillRoom
    /// The first slot; its alias is `alias/NAME`.
    let name: String
    let strategy: Strategy
    /// Its two hosts, where an air gap is between them.
    let gap: KillGap?

    /// The folder, at the host whose turn it is.
    var folder: String { gap?.host.ceremony ?? room.scratch.appending(path: name).path }
    private var siteFile: String { gap?.siteFile ?? room.siteFile }
    private var peopleFile: String { gap?.peopleFile ?? room.siteFile }
    var disk: DiskFolder { get throws { try DiskFolder(at: folder) } }

    /// Seeds keys of its own, and freezes a plan for them.
    static func freeze(_ name: String, _ kind: KillKind, in room: KillRoom) async throws -> KillCeremony {
        let gap = kind.isAcrossGap ? try await room.gap() : nil
        let ceremony = KillCeremony(room: room, name: name, strategy: kind.strategy, gap: gap)
        var text = """
            schema: keyrite.definition/1
            title: "Killed"
            windowHours: 24
            wrappingKeySpec: RSA_2048
            policy: {foldsActivate: \(kind.folds)}
            keys:

            """
        for (alias, keySpec) in zip([name, "\(name)-too", "\(name)-three", "\(name)-four"], kind.keySpecs) {
            text += "  - alias: alias/\(alias)\n    strategy: \(kind.strategy.rawValue)\n"
            text += try await seed("alias/\(alias)", kind.strategy, keySpec, in: room)
        }
        let definition = room.scratch.appending(path: name + ".yaml").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: definition))
        let card = try await gap?.makeCard(trying: Set(kind.keySpecs), in: room)
        let outcome = try await room.keyrite(
            [
                "plan", "--definition", definition, "--site", ceremony.siteFile, "--roster", room.site.rosterFolder,
                "--out", ceremony.folder,
            ] + (card.map { ["--hsm-host", $0] } ?? []))
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        return ceremony
    }

    /// The same for a rotation, or keys of one kind.
    static func freeze(
        _ name: String, _ strategy: Strategy = .rotate, in room: KillRoom
    ) async throws -> KillCeremony {
        try await freeze(name, KillKind(strategy: strategy), in: room)
    }

    /// Makes what an alias's key is before the ceremony.
    ///
    /// - Returns: What the definition says of it, beside alias and strategy.
    private static func seed(
        _ alias: String, _ strategy: Strategy, _ keySpec: KeySpec, in room: KillRoom
    ) async throws -> String {
        switch strategy {
        case .import:
            let key = try await room.site.createPendingKey(description: alias, keySpec: keySpec)
            return "    proof: true\n    key: \(key)\n"
        case .rotate, .replace:
            try await room.site.seedExternalKey(alias: alias, keySpec: keySpec)
            return "    proof: true\n"
        case .reimport:
            let kept = try await room.site.seedKeptKey(alias: alias, at: room.setting, program: room.program)
            let expiry = SystemClock().now().advanced(bySeconds: 30 * 86_400)
            return """
                    material: \(kept.material)
                    label: "\(kept.label)"
                    id: "\(kept.id)"
                    expires: "\(expiry)"

                """
        case .revoke:
            try await room.site.seedExternalKey(alias: alias, keySpec: keySpec)
            return "    material: \(try #require(try await room.site.currentMaterial(of: alias)))\n"
        }
    }

    /// What the plan says of its keys.
    var slots: [PlanSlot] {
        get throws { try FrozenCeremony(reading: disk).plan.slots }
    }

    /// How many lines the transcript has, other than run-started.
    var lines: Int {
        get throws {
            let bytes = try disk.readIfPresent(Transcript.path) ?? []
            return try Transcript(parsingWholeLinesOf: bytes).lines.count { $0.event.kind != .runStarted }
        }
    }

    /// What the transcript amounts to.
    func record() throws -> Record {
        var record = try FrozenCeremony(reading: disk).emptyRecord
        try record.replay(try Transcript(parsing: try disk.read(Transcript.path)), folder: disk)
        return record
    }

    /// - Parameter options: More for the command line.
    func run(_ options: [String] = []) async throws -> ProcessOutcome {
        try await runProcess(runCommand(options))
    }

    func runCommand(_ options: [String]) -> [String] {
        [room.program, "run", folder, "--site", siteFile] + (gap?.heard ?? []) + options
    }

    func approve(_ gate: Gate, as person: String, _ options: [String]) async throws -> ProcessOutcome {
        try await runProcess(approveCommand(gate, as: person, options))
    }

    func approveCommand(_ gate: Gate, as person: String, _ options: [String]) -> [String] {
        [
            room.program, "approve", folder, "--gate", gate.rawValue, "--as", person, "--site", peopleFile,
            "--auto",
        ] + options
    }

    /// The open gate, and who still has to sign there: the first of each role, as many as the roster wants.
    func wanted() throws -> (gate: Gate, people: [String])? {
        let record = try record()
        guard let statement = record.gates.open?.statement else { return nil }
        let files = try disk.files()
        let people = record.requirements(at: statement.gate).flatMap { requirement in
            let role = record.approvers(of: requirement.role, at: statement.gate).map(\.name)
            let unsigned = role.filter {
                !files.contains(Approval.path(statement.gate, statement.attempt, $0) + ".sig")
            }
            return unsigned.prefix(max(0, requirement.count - (role.count - unsigned.count)))
        }
        return (statement.gate, people)
    }

    /// The code of `keyrite approve`, in the test's own process.
    func approveHere(_ gate: Gate, as person: String) async throws {
        let people = gap?.host.people ?? room.setting
        let memory = try people.memory(of: try FrozenCeremony.roster(in: disk).0.approver(named: person))
        _ = try await Approver(folder: disk, memory: memory, clock: SystemClock()).approve(
            gate, as: person, participant: Willing(), signer: people.signer(of: person))
    }

    /// Carries the folder to the other host, where it was handed over to that.
    func carryOver() throws -> Bool {
        guard let gap, let carried = try record().turns.carried else { return false }
        try gap.carry(hearing: Handover.words(of: carried.head))
        return true
    }

    /// The checkpoints that a process wrote down, in order, the same for every ceremony.
    func points(in log: String) -> [String] {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map {
            $0.split(separator: name, omittingEmptySubsequences: false).joined(separator: Self.slot)
        }
    }

    /// The checkpoint of that name in this ceremony.
    func named(_ name: String) -> String {
        name.split(separator: Self.slot, omittingEmptySubsequences: false).joined(separator: self.name)
    }

    /// What points have in place of the ceremony's own name.
    private static let slot = "SLOT"
}
