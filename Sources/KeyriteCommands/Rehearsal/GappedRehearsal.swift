import Ceremony
import Evidence
import Room

/// Drives the code of host card, plan, run and approve for both hosts of an air gap, in one process, until a rehearsal is
/// closed. Whenever one hands the folder over, it is copied to the other.
struct GappedRehearsal {
    let progress = RunProgress()
    private let room: RehearsalSite
    private let gap: RehearsalGap

    init(room: RehearsalSite) async throws {
        self.room = room
        gap = try await RehearsalGap(in: room)
    }

    /// Where the ceremony ends.
    var ceremony: String { gap.hsm.ceremony }

    /// - Parameter keySpecs: The kinds of key that the HSM host's card has.
    /// - Returns: What was frozen, in words.
    func freeze(_ definition: Definition, _ keySpecs: [KeySpec]) async throws -> String {
        let folder = try DiskFolder.create(at: gap.connected.ceremony)
        let crossing = try await gap.crossing(trying: keySpecs, program: try Program.path())
        let identity = try Planner.Identity(at: SystemClock().now())
        let ports = try gap.connected.site.ports(folder: folder, progress: progress, ceremony: identity.ceremony)
        let plan = try await Planner(ports: ports.planning(with: crossing.card)).freeze(
            definition, rosterFiles: try room.rosterFiles, gap: crossing.gap, identity: identity)
        try plan.requireMendablePolicies()
        return """
            Ceremony \(plan.ceremony) is frozen: \(Counted.text(plan.slots.count, "key")).
            It is held by two hosts: vault, which has the HSM, and office, which reaches KMS; each has its folder in
            \(room.root). Both are this machine here: nothing cuts vault off from a network.
            """
    }

    /// Has participants answer for themselves, and the folder carried, until nothing is left to do.
    func hold() async throws -> Record {
        var (host, words) = (gap.connected, "")
        while true {
            switch try await turn(of: host, words: words) {
            case .ended(let record): return record
            case .handedOver(let said): words = said
            }
            try gap.carry(from: host)
            host = gap.other(than: host)
        }
    }

    /// Has people hold it at one screen, which is first the one host's and then the other's.
    ///
    /// - Returns: What it came to, and the folder of the host where it ended.
    /// - Throws: `RoomEnd` when they leave, or the program is told to end.
    func attend(_ screen: AttendedScreen) async throws -> (record: Record, ceremony: String) {
        var (host, page) = (gap.connected, HandoverPage?.none)
        while true {
            let turn = try AttendedTurn(of: host, at: screen)
            do {
                guard case .handedOver(let number, let other, let words) = try await turn.hold() else {
                    // One that is ended early is closed where it was.
                    return (await turn.record, host.ceremony)
                }
                page = HandoverPage(
                    number: number, from: host.name, to: other, words: HeadWords(words), desk: screen.desk,
                    leaving: screen.leaving)
            } catch let error as EvidenceError {
                // The words were not those of the folder: they are read where they are shown, and typed once more.
                guard page != nil, await turn.record.turns.carried != nil else { throw error }
                screen.desk.stage.notice("\(host.name) did not take the folder over: \(error.reason)")
                host = gap.other(than: host)
            }
            screen.asked()
            try await page?.show()
            try gap.carry(from: host)
            host = gap.other(than: host)
        }
    }

    private enum TurnEnd {
        case ended(Record)
        case handedOver(words: String)
    }

    /// - Parameter words: Those that the other host showed.
    private func turn(of host: RehearsalGap.Host, words: String) async throws -> TurnEnd {
        let folder = try DiskFolder(at: host.ceremony)
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let ports = try host.site.ports(
            folder: folder, progress: progress,
            confirming: { try await HandoverWords.confirm($0, of: $1, given: words) })
        let engine = try Engine(opening: ports)
        while true {
            switch try await engine.run() {
            case .closed, .reached: return .ended(await engine.record)
            case .handedOver(let number, let other, let said):
                progress.paused()
                Output.toPeople("Hand-over \(number): the folder is carried to \(other), and its words are compared.")
                return .handedOver(words: said.joined(separator: " "))
            case .waiting(let gate, let attempt, let missing):
                progress.paused()
                Output.toPeople(Waiting.text(gate, attempt, missing))
                await Waiting.fetchAhead(engine)
                try await WillingQuorum(room: room, folder: folder, memory: host.site)
                    .sign(gate, missing: missing, record: await engine.record)
            }
        }
    }
}

/// A host's turn with people at its screen, and the folder locked.
private struct AttendedTurn {
    private let lock: FolderLock
    private let ceremony: AttendedCeremony

    init(of host: RehearsalGap.Host, at screen: AttendedScreen) throws {
        let folder = try DiskFolder(at: host.ceremony)
        lock = try folder.lock()
        ceremony = try AttendedCeremony(site: host.site, people: host.people, folder: folder, screen: screen)
    }

    func hold() async throws -> Outcome {
        defer { withExtendedLifetime(lock) {} }
        return try await ceremony.hold()
    }

    var record: Record {
        get async { await ceremony.record }
    }
}
