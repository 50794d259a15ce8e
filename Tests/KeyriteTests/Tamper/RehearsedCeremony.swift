import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import Synchronization
import TestSupport
import Testing

/// A ceremony that was held to its end, in a room that is still there, so that its people can sign more.
struct RehearsedCeremony: Sendable {
    let room: RehearsalSite
    let folder: DiskFolder
    /// The digest that reaches an auditor outside the folder.
    let roster: SHA256Digest
    /// Who signs at the room's tokens, one at a time: SoftHSM writes a token's file at each login, and another process that
    /// reads it just then does not see the token.
    let signing = Turns(1)

    /// Holds one rotation: two custodians at every gate, the witness at the close.
    ///
    /// - Parameter root: A folder to make.
    static func hold(at root: URL) async throws -> RehearsedCeremony {
        try await hold(at: root) { room in
            try await room.seedExternalKey(alias: "alias/payments-production")
            return [DefinedKey(alias: "alias/payments-production", strategy: .rotate, proof: true)]
        }
    }

    /// Holds a ceremony over keys that are made first.
    ///
    /// - Parameters:
    ///   - root: A folder to make.
    ///   - hostsModule: Whether a child process holds the HSM's module.
    ///   - remarks: What people say before the first gate, beside what they always say.
    ///   - rosters: Every file of the rosters that it is held by; the room's own roster, where it is not given.
    ///   - policy: What the plan asks of the quorum.
    ///   - rolesApart: Whether those who look, make keys, fetch, import and activate call in roles of their own.
    ///   - seed: Makes what the ceremony needs in KMS, and says what to do with it.
    static func hold(
        at root: URL, hostsModule: Bool = false, remarks: [Interjection] = [],
        rosters: (RehearsalSite) async throws -> [String: [UInt8]] = { try $0.rosterFiles },
        policy: QuorumPolicy = QuorumPolicy(), rolesApart: Bool = false,
        seed: (RehearsalSite) async throws -> [DefinedKey]
    ) async throws -> RehearsedCeremony {
        let room = try await RehearsalSite.build(
            at: root.path, program: try keyrite(), hostsModule: hostsModule, rolesApart: rolesApart,
            emulatorOptions: try CeremonyRoom.keptWrappingKeys())
        let keys = try await seed(room)
        let folder = try DiskFolder.create(at: root.path + "/ceremony")
        let identity = try Planner.Identity(at: SystemClock().now())
        let ports = try await ports(of: room, folder, identity.ceremony, remarks)
        let definition = Definition(
            title: "A ceremony to tamper with", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: keys, policy: policy)
        _ = try await Planner(ports: ports).freeze(
            definition, rosterFiles: try await rosters(room), identity: identity)
        let engine = try Engine(opening: ports)
        while case .waiting(let gate, _, let missing) = try await engine.run() {
            try await sign(gate, missing: missing, in: room, folder)
        }
        return RehearsedCeremony(room: room, folder: folder, roster: SHA256Digest(of: room.rosterBytes))
    }

    private static func sign(
        _ gate: Gate, missing: [GateRequirement], in room: RehearsalSite, _ folder: DiskFolder
    ) async throws {
        let roster = try Roster(json: room.rosterBytes)
        for requirement in missing {
            for person in roster.members.filter({ $0.role == requirement.role }).prefix(requirement.count) {
                let approver = Approver(
                    folder: folder, memory: try room.site.memory(of: person), clock: SystemClock())
                _ = try await approver.approve(
                    gate, as: person.name, participant: Willing(), signer: try room.site.signer(of: person.name))
            }
        }
    }

    /// The room's ports, with surroundings that are looked at once: digesting this test program takes its time.
    private static func ports(
        of room: RehearsalSite, _ folder: DiskFolder, _ ceremony: String, _ remarks: [Interjection]
    ) async throws -> Ports {
        let ports = try room.site.ports(
            folder: folder, progress: Quiet(), program: try keyrite(), ceremony: ceremony)
        let environment = SeenOnce(host: ports.environment.host, seen: try await ports.environment.observe())
        return Ports(
            folder: ports.folder, hsm: ports.hsm, kms: ports.kms, environment: environment, memory: ports.memory,
            clock: ports.clock, progress: ports.progress, attendance: Talkative(remarks))
    }

    /// The program, which the build puts beside the tests.
    static func keyrite() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/keyrite"
    }
}

private struct Quiet: ProgressPort {
    func began(_ step: Step) {}
    func ended(_ step: Step) {}
    func refused(_ path: String, _ refusal: ApprovalRefusal) {}
}

/// A room whose people have something to say before the first gate.
private final class Talkative: AttendancePort {
    private let said = Mutex(false)
    private let remarks: [Interjection]

    init(_ remarks: [Interjection]) { self.remarks = remarks }

    func takeBack(_: [Interjection]) { Issue.record("what was said could not be put on record") }

    func interjections() async throws -> [Interjection] {
        let isFirst = said.withLock { said in
            defer { said = true }
            return !said
        }
        guard isFirst else { return [] }
        return [
            .note(by: "wendy", text: "the bag's seal was whole: 100 %"),
            .exception(
                by: "ben", what: "the door stood open", why: "the lock is broken", remedy: "a guard stands there"),
            .exhibit(by: "wendy", name: "seal.txt", what: "the bag's number", bytes: Array("4711".utf8)),
        ] + remarks
    }
}

private struct SeenOnce: EnvironmentPort {
    let host: String
    let seen: ObservedEnvironment
    func observe() async throws -> ObservedEnvironment { seen }
    func program() throws -> ProgramDigest { try #require(seen.programs.first) }
    func examine(_ plan: Plan) async throws -> [RecordedFinding] { [] }
    func prepare() async throws -> [CallerRole: String] { [:] }
    func caller(of role: CallerRole) async throws -> String { seen.aws?.caller(of: role) ?? "" }
}
