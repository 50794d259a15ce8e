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

        var description: String { "\(process), \(number.map { "point \($0): " } ?? "")\(name)" }
    }

    let room: KillRoom
    /// The first slot; its alias is `alias/NAME`.
    let name: String
    let strategy: Strategy

    var folder: String { room.scratch.appending(path: name).path }
    var disk: DiskFolder { get throws { try DiskFolder(at: folder) } }

    /// Seeds keys of its own, and freezes a plan for them.
    ///
    /// - Parameters:
    ///   - keySpec: What they are.
    ///   - keys: How many, 1 or 2.
    ///   - folds: Whether the release is signed for the activation too.
    static func freeze(
        _ name: String, _ strategy: Strategy = .rotate, _ keySpec: KeySpec = .symmetric, keys: Int = 1,
        folds: Bool = false, in room: KillRoom
    ) async throws -> KillCeremony {
        let ceremony = KillCeremony(room: room, name: name, strategy: strategy)
        var text = """
            schema: keyrite.definition/1
            title: "Killed"
            windowHours: 24
            wrappingKeySpec: RSA_2048
            policy: {foldsActivate: \(folds)}
            keys:

            """
        for alias in [name, "\(name)-too"].prefix(keys) {
            text += "  - alias: alias/\(alias)\n    strategy: \(strategy.rawValue)\n"
            text += try await seed("alias/\(alias)", strategy, keySpec, in: room)
        }
        let definition = ceremony.folder + ".yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: definition))
        let outcome = try await room.keyrite([
            "plan", "--definition", definition, "--site", room.site.siteFile, "--roster", room.site.rosterFolder,
            "--out", ceremony.folder,
        ])
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        return ceremony
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
            let kept = try await room.site.seedKeptKey(alias: alias)
            let expiry = SystemClock().now().advanced(bySeconds: 30 * 86_400)
            return "    material: \(kept.material)\n    id: \"\(kept.id)\"\n    expires: \"\(expiry)\"\n"
        case .revoke:
            try await room.site.seedExternalKey(alias: alias, keySpec: keySpec)
            return "    material: \(try #require(try await room.site.currentMaterial(of: alias)))\n"
        }
    }

    /// What the plan says of its keys.
    var slots: [PlanSlot] {
        get throws { try FrozenCeremony(reading: disk).plan.slots }
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
        [room.program, "run", folder, "--site", room.site.siteFile] + options
    }

    func approve(_ gate: Gate, as person: String, _ options: [String]) async throws -> ProcessOutcome {
        try await runProcess(approveCommand(gate, as: person, options))
    }

    func approveCommand(_ gate: Gate, as person: String, _ options: [String]) -> [String] {
        [
            room.program, "approve", folder, "--gate", gate.rawValue, "--as", person, "--site", room.site.siteFile,
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
        let memory = try room.site.site.memory(of: try FrozenCeremony.roster(in: disk).0.approver(named: person))
        _ = try await Approver(folder: disk, memory: memory, clock: SystemClock()).approve(
            gate, as: person, participant: Willing(), signer: room.site.site.signer(of: person))
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
