import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
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
    ///   - custody: How their HSM keys are held.
    ///   - attendance: Who puts what on record; nil for nobody.
    ///   - hsm: What stands in for the room's HSM; nil for its own.
    ///   - program: The program that the plan is for, beside another HSM; nil for the tests' own.
    ///   - site: The room otherwise than it is; nil as it is.
    ///   - kms: What stands in for the room's KMS.
    init(
        in room: CeremonyRoom, aliases: [String] = [CeremonyRoom.alias], custody: Custody = Custody(),
        attendance: any AttendancePort = Unattended(), hsm: (any HSMPort)? = nil, program: String? = nil,
        site: Site? = nil, kms: (any KMSPort) -> any KMSPort = { $0 }
    ) async throws {
        self.room = room
        folder = try DiskFolder.create(at: room.ceremony)
        let real = try (site ?? room.room.site).ports(folder: folder, progress: NoProgress())
        ports = Ports(
            folder: folder, hsm: hsm ?? real.hsm, kms: kms(real.kms),
            environment: hsm.map { OtherToken(inner: real.environment, hsm: $0, path: program) } ?? real.environment,
            memory: real.memory, clock: real.clock, progress: real.progress, attendance: attendance)
        let definition = Definition(
            title: "A test on real parts", windowHours: 24, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: aliases.map { DefinedKey(alias: $0, strategy: .rotate, proof: true, custody: custody) })
        _ = try await Planner(ports: ports).freeze(
            definition, rosterFiles: try room.room.rosterFiles)
    }

    /// Runs, with a willing quorum at every gate, as far as a step.
    ///
    /// - Parameter step: nil for the end.
    @discardableResult
    func hold(until step: Step? = nil) async throws -> Record {
        let engine = try Engine(opening: ports)
        while case .waiting(let gate, _, _) = try await engine.run(until: step) {
            for name in ["ben", "carol"] + (gate == .close ? ["wendy"] : []) {
                let memory = try room.room.site.memory(of: try (await engine.record).roster.approver(named: name))
                _ = try await Approver(folder: folder, memory: memory, clock: ports.clock).approve(
                    gate, as: name, participant: Willing(), signer: try room.room.site.signer(of: name))
            }
        }
        return await engine.record
    }
}

/// The room's surroundings, but for the token.
private struct OtherToken: EnvironmentPort {
    let inner: any EnvironmentPort
    let hsm: any HSMPort
    let path: String?
    var host: String { inner.host }

    func observe() async throws -> ObservedEnvironment {
        let seen = try await inner.observe()
        return ObservedEnvironment(
            aws: seen.aws, token: try await hsm.identity(), module: seen.module, programs: [try program()])
    }

    func program() throws -> ProgramDigest {
        guard let path else { return try inner.program() }
        let other = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
        return ProgramDigest(host: host, program: SHA256Digest(of: [UInt8](other)))
    }

    func examine(_ plan: Plan) async throws -> [RecordedFinding] { try await inner.examine(plan) }
    func prepare() async throws -> [CallerRole: String] { try await inner.prepare() }
    func caller(of role: CallerRole) async throws -> String { try await inner.caller(of: role) }
}

private struct NoProgress: ProgressPort {
    func began(_ step: Step) {}
    func ended(_ step: Step) {}
    func refused(_ path: String, _ refusal: ApprovalRefusal) { Issue.record("\(path): \(refusal)") }
}
