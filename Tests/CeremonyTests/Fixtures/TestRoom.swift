import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

/// A room whose HSM and KMS are in memory, and whose people sign with ssh-keygen.
struct TestRoom {
    static let now = Timestamp(epochSeconds: 1_795_000_000)
    static let program = ProgramDigest(host: "host", program: SHA256Digest(of: [2]))
    static let people: [(name: String, role: Role)] = [
        ("ada", .administrator), ("ben", .custodian), ("carol", .custodian), ("dan", .custodian), ("wendy", .witness),
    ]

    let folder = MemoryFolder()
    let hsm = FakeHSM()
    let kms: FakeKMS
    let clock = StoppedClock()
    let environment = FixedEnvironment()
    let memory = MemoryOfSightings()
    let refusals = Refusals()
    let speakers = Speakers()
    let roster: Roster
    private let keys: KeyFolder

    var ports: Ports { ports(folder, memory) }

    /// The same room with another folder on the table.
    func ports(_ folder: MemoryFolder, _ memory: MemoryOfSightings) -> Ports {
        Ports(
            folder: folder, hsm: hsm, kms: kms, environment: environment, memory: memory, clock: clock,
            progress: refusals, attendance: speakers)
    }

    static let definition = Definition(
        title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
        keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)])

    /// A room with a frozen plan.
    ///
    /// - Parameters:
    ///   - rules: What the roster asks at the gates; nil for two custodians at each, and a witness at the close.
    ///   - time: When it is planned.
    ///   - prepare: What KMS has before.
    ///   - keeping: What the HSM has before.
    @discardableResult
    static func ready(
        _ definition: Definition = definition, in surroundings: CeremonyEnvironment = .example,
        rules: GateRules? = nil, gap: AirGap? = nil, identity: Planner.Identity? = nil, at time: Timestamp = now,
        prepare: @Sendable (isolated FakeKMS) -> Void = { _ in },
        keeping: @Sendable (isolated FakeHSM) -> Void = { _ in }
    ) async throws -> TestRoom {
        let room = try await TestRoom(keys: try KeyFolder(), rules: rules)
        room.environment.set(surroundings)
        room.clock.set(time)
        await room.hsm.prepare(keeping)
        await room.kms.prepare(prepare)
        try await room.freeze(definition, gap: gap, identity: identity)
        return room
    }

    /// Another ceremony by the same people, with an HSM, a KMS and a folder of its own.
    @discardableResult
    func holdingAnother(
        _ definition: Definition = definition, prepare: @Sendable (isolated FakeKMS) -> Void = { _ in },
        keeping: @Sendable (isolated FakeHSM) -> Void = { _ in }
    ) async throws -> TestRoom {
        let room = try TestRoom(keys: keys, roster: roster)
        await room.hsm.prepare(keeping)
        await room.kms.prepare(prepare)
        try await room.freeze(definition)
        return room
    }

    private init(keys: KeyFolder, roster: Roster) throws {
        self.keys = keys
        self.roster = roster
        kms = try FakeKMS()
    }

    private init(keys: KeyFolder, rules given: GateRules?) async throws {
        var members: [Member] = []
        for (name, role) in Self.people {
            let made = try await runProcess(
                "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", keys.path(name)])
            try #require(made.status == 0, "\(made.stderrText)")
            let line = try String(contentsOfFile: keys.path(name + ".pub"), encoding: .utf8)
            members.append(
                Member(
                    name: name, role: role,
                    key: line.split(separator: " ").prefix(2).joined(separator: " ")
                        .trimmingCharacters(in: .newlines),
                    validFrom: Self.now.advanced(bySeconds: -3600), validUntil: Self.now.advanced(bySeconds: 72 * 3600))
            )
        }
        let custodians = [GateRequirement(role: .custodian, count: 2)]
        let rules =
            given
            ?? GateRules(
                authorize: custodians, release: custodians, activate: custodians,
                close: custodians + [GateRequirement(role: .witness, count: 1)], change: custodians)
        try self.init(keys: keys, roster: Roster(mode: .rehearsal, members: members, rules: rules))
    }

    @discardableResult
    func freeze(
        _ definition: Definition, gap: AirGap? = nil, identity: Planner.Identity? = nil
    ) async throws -> Plan {
        let bytes = try roster.json()
        var files = [Roster.path: bytes]
        for member in roster.members {
            files[Roster.acceptancePath(of: member)] = try await signer(member.name).sign(
                bytes, namespace: roster.mode.rosterNamespace)
        }
        return try await leavingTheHSM {
            try await Planner(ports: ports).freeze(
                definition, rosterFiles: files, gap: gap, identity: identity)
        }
    }

    func engine() throws -> Engine { try Engine(opening: ports) }

    func signer(_ name: String) -> KeygenSigner { KeygenSigner(key: keys.path(name)) }

    /// One person's answer at an open gate.
    ///
    /// - Parameters:
    ///   - other: The folder that the person is shown, if it is not the room's.
    ///   - memory: What their machine saw before.
    func sign(
        _ gate: Gate, as name: String, _ answer: Answer = .approve, in other: MemoryFolder? = nil,
        remembering memory: MemoryOfSightings = MemoryOfSightings()
    ) async throws {
        _ = try await Approver(folder: other ?? folder, memory: memory, clock: clock).approve(
            gate, as: name, participant: Decided(answer: answer), signer: signer(name))
    }

    /// Signs whatever gate is open with a quorum, until a run does not wait for people any more.
    ///
    /// - Parameter gate: Where to stop, still open; nil for the end.
    @discardableResult
    func advance(to gate: Gate? = nil, until step: Step? = nil) async throws -> Outcome {
        let engine = try engine()
        while true {
            let outcome = try await leavingTheHSM { try await engine.run(until: step) }
            guard case .waiting(let open, _, _) = outcome, open != gate else { return outcome }
            for name in ["ben", "carol"] + (open == .close ? ["wendy"] : []) { try await sign(open, as: name) }
        }
    }

    /// Does something after which nobody stays logged in to the HSM, however it ends: people may have to be waited for.
    func leavingTheHSM<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        do {
            let result = try await body()
            #expect(await !hsm.isLoggedIn)
            return result
        } catch {
            #expect(await !hsm.isLoggedIn, "after \(error)")
            throw error
        }
    }

    /// The record as the folder has it.
    func record() async throws -> Record { try await engine().record }

    /// What an auditor who knows the roster finds.
    func verdict() throws -> Verdict {
        var verifier = Verifier(
            of: folder,
            expecting: Expectations(roster: Roster.digest(of: try roster.json()), mode: .rehearsal))
        return verifier.verify().verdict
    }
}

/// The folder of a room's private keys, which goes with the room.
final class KeyFolder: Sendable {
    private let root = "/tmp/kr-keys-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { root + "/" + name }
}

/// Plain `ssh-keygen -Y sign`.
struct KeygenSigner: SignerPort {
    let key: String

    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        let signed = try await runProcess(
            "ssh-keygen", ["-Y", "sign", "-q", "-f", key, "-n", namespace], input: message)
        try #require(signed.status == 0, "\(signed.stderrText)")
        return signed.stdout
    }
}
