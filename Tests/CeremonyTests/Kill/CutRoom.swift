import Ceremony
import Evidence
import Synchronization
import TestSupport

/// A process of a ceremony was cut off.
struct CutOff: Error {}

/// Cuts a process off at one of its checkpoints, as SIGKILL does: nothing that it calls from there on happens.
final class Scissors: CheckpointPort {
    private struct State {
        var reached: [String] = []
        var isCut = false
    }

    private let state = Mutex(State())
    private let number: Int?
    private let name: String?

    /// - Parameters:
    ///   - number: The checkpoint, counted from 1; nil for none.
    ///   - name: The first of this name instead.
    init(at number: Int? = nil, after name: String? = nil) {
        self.number = number
        self.name = name
    }

    /// What the process went through while it lived.
    var points: [String] { state.withLock { $0.reached } }
    var isCut: Bool { state.withLock { $0.isCut } }

    func reached(_ point: String) throws {
        let isCut = state.withLock { state in
            guard !state.isCut else { return true }
            state.reached.append(point)
            state.isCut = state.reached.count == number || point == name
            return state.isCut
        }
        if isCut { throw CutOff() }
    }
}

/// What one ceremony touches, all of it in memory, with an HSM and a KMS that refuse to do anything twice.
struct CutRoom: Sendable {
    let scene: CutScene
    let folder: MemoryFolder
    let hsm: FakeHSM
    let kms: FakeKMS
    let memory: MemoryOfSightings
    let clock = StoppedClock()
    let environment = FixedEnvironment()
    /// The two hosts of a ceremony across an air gap.
    private let hosts: [Side: FakeGap]
    private let cutOff = CutSide()
    private let people: PeopleInMemory

    /// The plan, once it is frozen.
    private var plan: Plan?

    private init(
        _ scene: CutScene, _ folder: MemoryFolder, _ hsm: FakeHSM, _ kms: FakeKMS, _ memory: MemoryOfSightings,
        _ hosts: [Side: FakeGap], _ plan: Plan? = nil
    ) throws {
        self.scene = scene
        self.plan = plan
        self.folder = folder
        self.hsm = hsm
        self.kms = kms
        self.memory = memory
        self.hosts = hosts
        people = try PeopleInMemory.all.get()
    }

    /// A room with a frozen plan.
    static func ready(_ scene: CutScene) async throws -> CutRoom {
        let (vault, desk) = (try FakeGap(.hsm), try FakeGap(.connected))
        var room = try CutRoom(
            scene, MemoryFolder(), FakeHSM(), try FakeKMS(), MemoryOfSightings(),
            scene.isAcrossGap ? [.hsm: vault, .connected: desk] : [:])
        await room.kms.prepare { scene.prepare($0) }
        await room.hsm.prepare { scene.keeping($0) }
        if scene.isAcrossGap { room.environment.set(.make(programs: GapRoom.programs)) }
        room.plan = try await Planner(ports: room.wholePorts()).freeze(
            scene.definition, rosterFiles: room.people.rosterFiles,
            gap: scene.isAcrossGap ? FakeGap.plan(hsm: vault, connected: desk) : nil)
        try await room.hsm.leave()
        let slots = room.slots
        let labels = Set(slots.flatMap { slot in slot.purposes.map(slot.wrappingKeyLabel(for:)) })
        let effects = CutScene.effects(of: slots)
        await room.hsm.prepare { ($0.trusts, $0.allowed) = (labels, effects.hsm) }
        await room.kms.prepare { $0.allowed = effects.kms }
        return room
    }

    /// What everything is now, in a room of its own.
    func copy() async throws -> CutRoom {
        try CutRoom(
            scene, folder.copy(), await hsm.copy(), try await kms.copy(), memory.copy(),
            hosts.mapValues { $0.copy() }, plan)
    }

    var slots: [PlanSlot] { plan?.slots ?? [] }

    /// - Parameters:
    ///   - other: A folder port in front of the room's; nil for none.
    ///   - otherMemory: The same of what this host remembers.
    func ports(_ other: (any FolderPort)? = nil, _ otherMemory: (any MemoryPort)? = nil) throws -> Ports {
        guard let here = try host() else { return wholePorts(other, otherMemory) }
        return Ports(
            folder: other ?? folder, hsm: here.side == .hsm ? hsm : AbsentHSM(),
            kms: here.side == .hsm ? AbsentKMS() : kms, environment: HalfEnvironment(side: here.side),
            memory: here.sightings, clock: clock, progress: Refusals(),
            attendance: OnRecord(scene.interjections, in: folder), gap: here)
    }

    /// The host whose turn it is; nil where there is one host. Whoever carries the folder to it has read the head.
    private func host() throws -> FakeGap? {
        guard scene.isAcrossGap else { return nil }
        var record = try FrozenCeremony(reading: folder).emptyRecord
        let bytes = try folder.readIfPresent(Transcript.path) ?? []
        try record.replay(try Transcript(parsingWholeLinesOf: bytes), folder: folder)
        let carried = record.turns.carried
        let side = carried.map { $0.to == "vault" ? Side.hsm : .connected } ?? record.turns.holder
        // Who was cut off goes on where they are: nobody told them yet where to carry it.
        let host = hosts[cutOff.side ?? side ?? .connected]
        cutOff.side = host?.side
        if let carried { host?.hears(Handover.words(of: carried.head)) }
        return host
    }

    private func wholePorts(_ other: (any FolderPort)? = nil, _ otherMemory: (any MemoryPort)? = nil) -> Ports {
        Ports(
            folder: other ?? folder, hsm: hsm, kms: kms, environment: environment, memory: otherMemory ?? memory,
            clock: clock, progress: Refusals(), attendance: OnRecord(scene.interjections, in: folder))
    }

    /// One `keyrite run`, until it ends or is cut off.
    func run(_ scissors: Scissors = Scissors()) async throws -> Outcome {
        do {
            let outcome = try await run(try ports().checked(by: scissors))
            guard !scissors.isCut else { throw CutOff() }
            cutOff.side = nil
            return outcome
        } catch {
            // Its session at the HSM ends with it.
            if scissors.isCut { try await hsm.leave() }
            throw scissors.isCut ? CutOff() : error
        }
    }

    /// The same through given ports.
    func run(_ ports: Ports) async throws -> Outcome { try await run(try Engine(opening: ports)) }

    /// The same by an engine that may have run before.
    func run(_ engine: Engine) async throws -> Outcome {
        let outcome = try await engine.run()
        if case .waiting = outcome { try await engine.fetchWhilePeopleSign() }
        return outcome
    }

    /// One `keyrite approve`.
    func approve(_ gate: Gate, as name: String, _ scissors: Scissors = Scissors()) async throws {
        let approver = Approver(
            folder: CheckedFolder(inner: folder, checkpoint: scissors),
            memory: CheckedMemory(inner: MemoryOfSightings(), checkpoint: scissors), clock: clock)
        do {
            _ = try await approver.approve(
                gate, as: name, participant: Decided(answer: .approve),
                signer: CheckedSigner(inner: try people.signer(name), checkpoint: scissors))
        } catch {
            // Whatever it would say of it: nobody hears it.
            throw scissors.isCut ? CutOff() : error
        }
    }

    /// Whether a person's decision at the open gate lies in the folder, whole.
    func hasSigned(_ name: String, at gate: Gate) throws -> Bool {
        try folder.files().contains { $0.hasPrefix("approvals/\(gate.rawValue)-") && $0.hasSuffix("/\(name).json.sig") }
    }

    /// Who comes to sign at a gate.
    func people(at gate: Gate) -> [String] { ["ben", "carol"] + (gate == .close ? ["wendy"] : []) }

    /// What the folder says, without what no two ceremonies share.
    func evidence() throws -> NormalEvidence { try NormalEvidence(of: folder, slot: plan?.ceremony ?? "") }

    /// What an auditor finds who knows the roster.
    func verdict() throws -> Verdict {
        let roster = Roster.digest(of: try people.roster.json())
        return Self.verdict(of: folder, Expectations(roster: roster, mode: .rehearsal))
    }

    private static func verdict(of folder: some FolderPort, _ expectations: Expectations) -> Verdict {
        var verifier = Verifier(of: folder, expecting: expectations)
        return verifier.verify().verdict
    }

    /// What stands in the HSM and in KMS: keys, materials, aliases, without their random names.
    func remains() async throws -> [String] {
        var remains: [String] = []
        for slot in slots where slot.strategy.importsMaterial {
            let found = try await hsm.find(label: slot.label, id: slot.id)
            remains.append("\(slot.slot): \(found.map { $0.attributes.map { "\($0)" }.sorted() })")
        }
        try await hsm.leave()
        let materials = await [FakeKMS.key: kms.materials].merging(kms.others.mapValues(\.materials)) { $1 }
        for (key, materials) in materials.sorted(by: { $0.key < $1.key }) {
            remains.append("\(key): \(materials.map { "\($0.state) \($0.onDemand) \($0.expiry?.text ?? "gone")" })")
        }
        remains += await kms.others.filter { $0.value.only != nil }.keys.sorted().map { "\($0): its material" }
        remains += await kms.aliases.map { "\($0.key): \($0.value ?? "nothing")" }.sorted()
        let repeated = CutScene.repeated(for: slots)
        let left = await hsm.allowed.merging(kms.allowed) { $1 }.filter { !repeated.contains($0.key) }
        remains += hosts.map { "\($0.key.rawValue) opens no blob: \($0.value.isSealingDestroyed)" }.sorted()
        return remains + left.map { "may still \($0.key): \($0.value)" }.sorted()
    }
}

/// The host of an air gap whose run has not ended.
private final class CutSide: Sendable {
    private let kept = Mutex<Side?>(nil)

    var side: Side? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}

/// Has people say what is not on record yet, whenever they are asked: who was not heard says it again.
private struct OnRecord: AttendancePort {
    let interjections: [Interjection]
    let folder: any FolderPort

    init(_ interjections: [Interjection], in folder: any FolderPort) {
        self.interjections = interjections
        self.folder = folder
    }

    /// Whoever goes on says again what is not on record.
    func takeBack(_: [Interjection]) {}

    func interjections() async throws -> [Interjection] {
        let events = try Transcript(parsing: try folder.read(Transcript.path)).lines.map(\.event)
        return interjections.filter { interjection in
            switch interjection {
            case .exhibit: !events.contains { $0.kind == .exhibit }
            case .exception:
                !events.contains { if case .exception(let said) = $0 { said.machine == nil } else { false } }
            default: false
            }
        }
    }
}
