import Ceremony
import CryptoPrimitives
import Evidence
import Synchronization

/// A ceremony folder in memory.
final class MemoryFolder: FolderPort {
    private let contents = Mutex<[String: [UInt8]]>([:])

    /// What this folder is now, in a folder of its own.
    func copy() -> MemoryFolder {
        let copy = MemoryFolder()
        let files = contents.withLock { $0 }
        copy.contents.withLock { $0 = files }
        return copy
    }

    /// All files, by their paths.
    func all() -> [String: [UInt8]] { contents.withLock { $0 } }

    func read(_ path: String) throws -> [UInt8] {
        guard let bytes = contents.withLock({ $0[path] }) else { throw EvidenceError(path, "it is missing") }
        return bytes
    }

    func files() throws -> [String] { contents.withLock { Array($0.keys) } }
    func write(_ bytes: [UInt8], to path: String) throws { contents.withLock { $0[path] = bytes } }
    func append(_ bytes: [UInt8], to path: String) throws { contents.withLock { $0[path, default: []] += bytes } }
    func truncate(_ path: String, to size: Int) throws {
        contents.withLock { $0[path] = $0[path].map { Array($0.prefix(size)) } }
    }
    func remove(_ path: String) throws { contents.withLock { $0[path] = nil } }
    func removePartials() throws {}
    func requireWritable(_ path: String) throws {}
    func exclusively(at path: String, _ body: () throws -> Void) throws { try body() }
}

/// What was seen, in memory.
final class MemoryOfSightings: MemoryPort {
    private let sightings = Mutex<[Sighting]>([])

    /// The same, in a memory of its own.
    func copy() -> MemoryOfSightings {
        let copy = MemoryOfSightings()
        let seen = sightings.withLock { $0 }
        copy.sightings.withLock { $0 = seen }
        return copy
    }

    func recall(_ ceremony: String) throws -> [Sighting] {
        sightings.withLock { $0.filter { $0.ceremony == ceremony } }
    }

    func requireWritable() throws {}
    func remember(_ sighting: Sighting) throws { sightings.withLock { $0.append(sighting) } }
}

/// A clock that stands still until it is set.
final class StoppedClock: ClockPort {
    private let time = Mutex(TestRoom.now)

    func now() -> Timestamp { time.withLock { $0 } }
    func set(_ now: Timestamp) { time.withLock { $0 = now } }
    func wait(milliseconds: Int) async throws { set(now().advanced(bySeconds: Int64(milliseconds / 1000))) }
}

/// Surroundings that are what the test says.
final class FixedEnvironment: EnvironmentPort {
    private let seen = Mutex(CeremonyEnvironment.example)

    /// That of the program.
    var host: String { seen.withLock { $0.programs.first?.host ?? TestRoom.program.host } }

    func observe() async throws -> ObservedEnvironment {
        if let trouble = trouble.withLock({ $0 }) { throw trouble }
        return seen.withLock { $0.seen(from: nil, programs: $0.programs) }
    }

    func program() throws -> ProgramDigest { seen.withLock { $0.programs.first } ?? TestRoom.program }

    private let trouble = Mutex<(any Error)?>(nil)

    /// - Parameter trouble: What every look at the surroundings fails with from now on; nil to see them again.
    func hide(_ trouble: (any Error)?) { self.trouble.withLock { $0 = trouble } }

    /// What is found before the first key: weak in one point.
    func examine(_ plan: Plan) async throws -> [RecordedFinding] { [Self.weakness] }

    static let weakness = RecordedFinding(check: "clock", result: .warn, detail: "9 s behind the service")

    func set(_ environment: CeremonyEnvironment) { seen.withLock { $0 = environment } }

    private let preparations = Mutex<Int?>(nil)

    /// - Parameter count: How many of the next steps can be prepared before that fails once.
    func failPreparing(after count: Int) { preparations.withLock { $0 = count } }

    struct NotPrepared: Error {}

    private let renewals = Mutex<(left: Int, caller: String, role: CallerRole)?>(nil)
    private let impostors = Mutex<[CallerRole: String]>([:])

    /// Has others' credentials come once.
    ///
    /// - Parameter count: How many of the next steps are prepared with the old ones before that.
    func renew(as caller: String, in role: CallerRole = .look, after count: Int) {
        renewals.withLock { $0 = (count, caller, role) }
    }

    /// Has another caller come in the middle of a step.
    func replace(_ role: CallerRole, by caller: String?) { impostors.withLock { $0[role] = caller } }

    func caller(of role: CallerRole) async throws -> String {
        if let other = impostors.withLock({ $0[role] }) { return other }
        guard let caller = seen.withLock({ $0.aws.caller(of: role) }) else { throw NotPrepared() }
        return caller
    }

    func prepare() async throws -> [CallerRole: String] {
        let fails = preparations.withLock { left in
            guard let now = left else { return false }
            left = now == 0 ? nil : now - 1
            return now == 0
        }
        if fails { throw NotPrepared() }
        let other = renewals.withLock { renewal -> (role: CallerRole, caller: String)? in
            guard let now = renewal else { return nil }
            renewal = now.left == 0 ? nil : (now.left - 1, now.caller, now.role)
            return now.left == 0 ? (now.role, now.caller) : nil
        }
        var callers = seen.withLock { seen in
            let roles = seen.aws.callers == nil ? [.look] : CallerRole.allCases
            return Dictionary(
                uniqueKeysWithValues: roles.compactMap { role in seen.aws.caller(of: role).map { (role, $0) } })
        }
        if let other { callers[other.role] = other.caller }
        return callers
    }
}

extension CeremonyEnvironment {
    static let example = make()

    static func make(
        account: String = "111122223333", caller: String = "arn:aws:iam::111122223333:user/x",
        partition: String = "aws", region: String = "eu-central-1", endpoint: String = "https://kms.example",
        stsEndpoint: String = "https://sts.example", authorities: String = "system",
        proxy: String = "none", callers: RoleCallers? = nil,
        token: TokenIdentity = FakeHSM.token,
        module: UInt8 = 1, programs: [ProgramDigest] = [TestRoom.program]
    ) -> CeremonyEnvironment {
        CeremonyEnvironment(
            aws: AWSEnvironment(
                partition: partition, account: account, region: region, endpoint: endpoint, stsEndpoint: stsEndpoint,
                authorities: authorities, proxy: proxy, caller: caller, callers: callers),
            token: token, module: .init(of: [module]), programs: programs)
    }
}

extension ObservedEnvironment {
    static let example = make()

    static func make(
        region: String = "eu-central-1", programs: [ProgramDigest] = [TestRoom.program]
    ) -> ObservedEnvironment {
        let whole = CeremonyEnvironment.make(region: region, programs: programs)
        return whole.seen(from: nil, programs: whole.programs)
    }
}

/// Keeps what the engine says of approvals that do not count.
final class Refusals: ProgressPort {
    private let refusals = Mutex<[String: ApprovalRefusal]>([:])

    var all: [String: ApprovalRefusal] { refusals.withLock { $0 } }
    func began(_ step: Step) {}
    func ended(_ step: Step) {}
    func refused(_ path: String, _ refusal: ApprovalRefusal) { refusals.withLock { $0[path] = refusal } }
}

/// Says what it was told to.
struct Decided: ParticipantPort {
    let answer: Answer
    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer { answer }
}
