import Ceremony
import Evidence
import Room

/// Drives the code of plan, run and approve, in one process, until a rehearsal is closed.
struct Rehearsal {
    let folder: DiskFolder
    let progress = RunProgress()
    private let room: RehearsalSite
    private let auto: Bool

    /// - Parameter path: The ceremony folder to make.
    init(room: RehearsalSite, folder path: String, auto: Bool) throws {
        self.room = room
        self.auto = auto
        folder = try DiskFolder.create(at: path)
    }

    func freeze(_ definition: Definition) async throws {
        let ports = try room.site.ports(folder: folder, progress: progress)
        let plan = try await Planner(ports: ports).freeze(
            definition, rosterBytes: room.rosterBytes, acceptances: room.acceptances)
        Output.toPeople("Ceremony \(plan.ceremony) is frozen: \(Counted.text(plan.slots.count, "key")).")
    }

    /// Runs, lets people sign, and runs again, until nothing is left to do.
    func hold() async throws -> Record {
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let engine = try Engine(opening: try room.site.ports(folder: folder, progress: progress))
        while true {
            switch try await engine.run() {
            case .closed, .reached: return await engine.record
            case .waiting(let gate, let attempt, let missing):
                progress.paused()
                Output.toPeople(Waiting.text(gate, attempt, missing))
                async let fetching: Void = Waiting.fetchAhead(engine)
                try await sign(gate, missing: missing, record: await engine.record)
                await fetching
            }
        }
    }

    /// Asks as many people of each role as the gate still misses, until one refuses: that ends the attempt.
    private func sign(_ gate: Gate, missing: [GateRequirement], record: Record) async throws {
        let signed = Set(record.gates.open?.approvals.map(\.name) ?? [])
        for requirement in missing {
            let people = record.roster.members.filter { $0.role == requirement.role && !signed.contains($0.name) }
            for person in people.prefix(requirement.count) {
                guard try await sign(gate, as: person) == .approve else { return }
            }
        }
    }

    private func sign(_ gate: Gate, as person: Member) async throws -> Decision {
        let approver = Approver(
            folder: folder, memory: try room.site.memory(of: person), clock: SystemClock())
        let signer = try room.site.signer(of: person.name)
        let participant: any ParticipantPort
        if auto {
            participant = WillingParticipant()
        } else {
            Output.toPeople("\n\(person.name) (\(person.role.rawValue)), please come to the screen.")
            participant = try TerminalParticipant()
        }
        let decision = try await approver.approve(gate, as: person.name, participant: participant, signer: signer)
        Output.toPeople("  \(person.name): \(decision.rawValue)")
        return decision
    }
}
