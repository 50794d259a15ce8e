import Ceremony
import CryptoPrimitives
import Evidence
import Synchronization
import TestSupport
import Testing

/// A room that an air gap goes through: a vault with the HSM, a desk with KMS, and a folder that is carried.
///
/// What the one host has is absent on the other: whatever is asked of it there fails.
struct GapRoom {
    static let programs = ["desk", "vault"].map { ProgramDigest(host: $0, program: SHA256Digest(of: [2])) }

    let room: TestRoom
    let vault: FakeGap
    let desk: FakeGap
    /// Who does what at the desk; nil for one who does everything.
    var callers: RoleCallers?

    /// A room with a frozen plan, whose folder is at the desk.
    static func ready(
        _ definition: Definition = TestRoom.definition, callers: RoleCallers? = nil,
        prepare: @Sendable (isolated FakeKMS) -> Void = { _ in },
        keeping: @Sendable (isolated FakeHSM) -> Void = { _ in }
    ) async throws -> GapRoom {
        let (vault, desk) = (try FakeGap(.hsm), try FakeGap(.connected))
        let room = try await TestRoom.ready(
            definition, in: .make(callers: callers, programs: programs), gap: FakeGap.plan(hsm: vault, connected: desk),
            prepare: prepare, keeping: keeping)
        return GapRoom(room: room, vault: vault, desk: desk, callers: callers)
    }

    func gap(_ side: Side) -> FakeGap { side == .hsm ? vault : desk }

    /// What one host has.
    ///
    /// - Parameter folder: The folder as it lies there, if it is not the room's.
    func ports(_ side: Side, _ folder: MemoryFolder? = nil) -> Ports {
        Ports(
            folder: folder ?? room.folder, hsm: side == .hsm ? room.hsm : AbsentHSM(),
            kms: side == .hsm ? AbsentKMS() : room.kms, environment: HalfEnvironment(side: side, callers: callers),
            memory: gap(side).sightings, clock: room.clock, progress: room.refusals, attendance: room.speakers,
            gap: gap(side))
    }

    /// Goes on at one host, with a quorum's signatures, until it waits for nobody any more.
    ///
    /// The words that it shows at the end of its turn are told to the other host.
    @discardableResult
    func turn(_ side: Side, in folder: MemoryFolder? = nil, until step: Step? = nil) async throws -> Outcome {
        let engine = try Engine(opening: ports(side, folder))
        while true {
            let outcome = try await room.leavingTheHSM { try await engine.run(until: step) }
            if case .handedOver(_, _, let words) = outcome { gap(side.other).hears(words) }
            guard case .waiting(let gate, _, _) = outcome else { return outcome }
            for name in ["ben", "carol"] + (gate == .close ? ["wendy"] : []) {
                try await room.sign(gate, as: name, in: folder)
            }
        }
    }

    /// Goes through all turns.
    ///
    /// - Returns: How many times the folder was carried.
    func hold() async throws -> Int {
        var side = Side.connected
        for carried in 0..<20 {
            guard case .handedOver = try await turn(side) else { return carried }
            side = side.other
        }
        Issue.record("it is handed over for ever")
        return 20
    }
}

/// What one host of the gap sees around it.
struct HalfEnvironment: EnvironmentPort {
    let side: Side
    var callers: RoleCallers?
    var host: String { side == .hsm ? "vault" : "desk" }

    func observe() async throws -> ObservedEnvironment {
        CeremonyEnvironment.make(callers: callers, programs: GapRoom.programs)
            .seen(from: side, programs: GapRoom.programs.filter { $0.host == host })
    }

    func program() throws -> ProgramDigest { try #require(GapRoom.programs.first { $0.host == host }) }

    func examine(_ plan: Plan) async throws -> [RecordedFinding] { [FixedEnvironment.weakness] }

    func prepare() async throws -> [CallerRole: String] { [:] }

    func caller(of role: CallerRole) async throws -> String {
        guard side == .connected, let caller = CeremonyEnvironment.make(callers: callers).aws.caller(of: role) else {
            throw Unprepared(call: "the caller that is to \(role.rawValue)")
        }
        return caller
    }
}

/// What one host has for itself. Words that nobody told it are none.
final class FakeGap: GapPort {
    struct NobodySaidWords: Error {}

    /// The same for all tests.
    private static let sealing = Result { try SealingKey(generatingFor: "desk") }

    let side: Side
    let sightings: MemoryOfSightings
    private let signer: MemorySigner
    private let sealing: SealingKey
    private let state: Mutex<State>

    private struct State {
        var words: [String]?
        var kept: [String: CarriedFolder] = [:]
        var isDestroyed = false
        var isElsewhere = false
    }

    convenience init(_ side: Side) throws {
        self.init(side, try MemorySigner(), try Self.sealing.get(), MemoryOfSightings(), State())
    }

    private init(
        _ side: Side, _ signer: MemorySigner, _ sealing: SealingKey, _ sightings: MemoryOfSightings, _ state: State
    ) {
        self.side = side
        self.signer = signer
        self.sealing = sealing
        self.sightings = sightings
        self.state = Mutex(state)
    }

    var host: String { side == .hsm ? "vault" : "desk" }

    /// The two hosts as a plan names them.
    static func plan(hsm: FakeGap, connected: FakeGap) -> AirGap {
        AirGap(
            hsm: GapHost(host: hsm.host, key: hsm.signer.line),
            connected: GapHost(host: connected.host, key: connected.signer.line),
            sealing: Base64.encode(connected.sealing.certificate.der))
    }

    /// This machine as it is now.
    func copy() -> FakeGap { FakeGap(side, signer, sealing, sightings.copy(), state.withLock { $0 }) }

    /// Whether it can open no sealed blob any more.
    var isSealingDestroyed: Bool { state.withLock { $0.isDestroyed } }

    /// A machine with the same keys that remembers nothing.
    func onAnotherMachine() -> FakeGap { FakeGap(side, signer, sealing, MemoryOfSightings(), State()) }

    /// Whoever carries the folder read these from the other host's screen.
    func hears(_ words: [String]) { state.withLock { $0.words = words } }

    func publicKey() throws -> String { signer.line }

    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try await signer.sign(message, namespace: namespace)
    }

    func confirm(_ words: [String], of handover: Handover) async throws -> Bool {
        guard let heard = state.withLock({ $0.words }) else { throw NobodySaidWords() }
        return heard == words
    }

    func open(_ sealed: [UInt8], certificate: SHA256Digest) throws -> [UInt8] {
        #expect(side == .connected && certificate == sealing.certificate.digest)
        guard !state.withLock({ $0.isDestroyed }) else { throw EvidenceError("the sealing key", "it was destroyed") }
        return try sealing.open(sealed)
    }

    func hasSealingKey(_ certificate: SHA256Digest) throws -> Bool {
        state.withLock { !$0.isDestroyed && !$0.isElsewhere }
    }
    func hasDestroyedSealingKey(_ certificate: SHA256Digest) throws -> Bool { state.withLock { $0.isDestroyed } }

    /// - Parameter isElsewhere: Whether the site names another memory than the one that has the sealing key.
    func haveSealingKey(elsewhere isElsewhere: Bool) { state.withLock { $0.isElsewhere = isElsewhere } }

    func destroySealingKey(_ certificate: SHA256Digest) throws {
        state.withLock { if !$0.isElsewhere { $0.isDestroyed = true } }
    }
    func recall(_ ceremony: String) throws -> CarriedFolder? { state.withLock { $0.kept[ceremony] } }
    func remember(_ folder: CarriedFolder) throws { state.withLock { $0.kept[folder.ceremony] = folder } }
}
