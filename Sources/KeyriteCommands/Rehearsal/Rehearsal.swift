import Ceremony
import Evidence
import Room

/// Drives the code of plan, run and approve, in one process, until a rehearsal is closed.
struct Rehearsal {
    let folder: DiskFolder
    let progress = RunProgress()
    private let room: RehearsalSite

    /// - Parameter path: The ceremony folder to make.
    init(room: RehearsalSite, folder path: String) throws {
        self.room = room
        folder = try DiskFolder.create(at: path)
    }

    /// - Returns: What was frozen, in words.
    func freeze(_ definition: Definition) async throws -> String {
        let identity = try Planner.Identity(at: SystemClock().now())
        let ports = try room.site.ports(folder: folder, progress: progress, ceremony: identity.ceremony)
        let plan = try await Planner(ports: ports).freeze(
            definition, rosterFiles: try room.rosterFiles, identity: identity)
        try plan.requireMendablePolicies()
        return "Ceremony \(plan.ceremony) is frozen: \(Counted.text(plan.slots.count, "key"))."
    }

    /// Has people hold the ceremony at a screen.
    ///
    /// - Throws: `RoomEnd` when they leave, or the program is told to end.
    func attend(_ screen: AttendedScreen) async throws -> Record {
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let ceremony = try AttendedCeremony(site: room.site, folder: folder, screen: screen)
        _ = try await ceremony.hold()
        return await ceremony.record
    }

    /// Has participants answer for themselves, until nothing is left to do.
    func hold() async throws -> Record {
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let engine = try Engine(opening: try room.site.ports(folder: folder, progress: progress))
        while true {
            switch try await engine.run() {
            case .closed, .reached, .handedOver: return await engine.record
            case .waiting(let gate, let attempt, let missing):
                progress.paused()
                Output.toPeople(Waiting.text(gate, attempt, missing))
                async let fetching: Void = Waiting.fetchAhead(engine)
                try await WillingQuorum(room: room, folder: folder, memory: room.site)
                    .sign(gate, missing: missing, record: await engine.record)
                await fetching
            }
        }
    }
}
