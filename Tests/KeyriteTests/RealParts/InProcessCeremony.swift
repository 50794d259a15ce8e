import Ceremony
import Evidence
import Room
import Testing

/// A ceremony that is held in the tests' own process, so that a test can stand in for one of its parts.
struct InProcessCeremony {
    private let room: CeremonyRoom
    private let folder: DiskFolder
    private let ports: Ports

    /// Freezes a plan for the room's keys.
    ///
    /// - Parameters:
    ///   - aliases: The aliases of the keys; by default the one that every room has.
    ///   - kms: What stands in for the room's KMS.
    init(
        in room: CeremonyRoom, aliases: [String] = [CeremonyRoom.alias],
        kms: (any KMSPort) -> any KMSPort = { $0 }
    ) async throws {
        self.room = room
        folder = try DiskFolder.create(at: room.ceremony)
        let real = try room.room.site.ports(folder: folder, progress: NoProgress())
        ports = Ports(
            folder: folder, hsm: real.hsm, kms: kms(real.kms), environment: real.environment,
            memory: real.memory, clock: real.clock, progress: real.progress)
        let definition = Definition(
            title: "A test on real parts", windowHours: 24, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: aliases.map { DefinedKey(alias: $0, strategy: .rotate, proof: true) })
        _ = try await Planner(ports: ports).freeze(
            definition, rosterBytes: room.room.rosterBytes, acceptances: room.room.acceptances)
    }

    /// Runs, with a willing quorum at every gate, as far as a step.
    func hold(until step: Step) async throws -> Record {
        let engine = try Engine(opening: ports)
        while case .waiting(let gate, _, _) = try await engine.run(until: step) {
            for name in ["ben", "carol"] {
                let memory = try room.room.site.memory(of: try (await engine.record).roster.approver(named: name))
                _ = try await Approver(folder: folder, memory: memory, clock: ports.clock).approve(
                    gate, as: name, participant: Willing(), signer: try room.room.site.signer(of: name))
            }
        }
        return await engine.record
    }
}

private struct NoProgress: ProgressPort {
    func began(_ step: Step) {}
    func ended(_ step: Step) {}
    func refused(_ path: String, _ refusal: ApprovalRefusal) { Issue.record("\(path): \(refusal)") }
}
