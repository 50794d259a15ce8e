import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// A rehearsal's room for one test, and the keyrite program in it: each command a process of its own.
struct CeremonyRoom: Sendable {
    static let alias = "alias/payments-production"
    static let slot = "payments-production"

    /// The tests' own folder for it all, removed afterwards.
    let base: URL
    let room: RehearsalSite

    /// The ceremony folder; `plan` makes it.
    var ceremony: String { base.path + "/ceremony" }
    var roster: Roster { get throws { try Roster(json: room.rosterBytes) } }
    var rosterDigest: String { SHA256Digest(of: room.rosterBytes).hex }

    /// The keyrite program, which the build puts beside the tests.
    static func program() throws -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let program = tests.deletingLastPathComponent().appending(path: "keyrite").path
        try #require(FileManager.default.isExecutableFile(atPath: program), "keyrite is not built: \(program)")
        return program
    }

    /// For an emulator's command line: a folder beside the program that keeps wrapping keys, since making them takes a good
    /// part of all that a ceremony on SoftHSM does. Within one emulator each is handed out once.
    static func keptWrappingKeys() throws -> [String] {
        let folder = URL(filePath: try program()).deletingLastPathComponent().appending(path: "wrapping-keys")
        return ["--wrapping-keys", folder.path]
    }

    /// Builds a room with one external key, lends it, and takes it down whatever happens.
    ///
    /// - Parameters:
    ///   - tokenModule: Another PKCS#11 module than the rehearsal's.
    ///   - tokenEnvironment: More for the token server's environment.
    ///   - hostsModule: Whether a child of the ceremony's holds the HSM's module.
    ///   - rolesApart: Whether each part of a ceremony calls KMS in a role of its own, which may do nothing else.
    static func with<R>(
        tokenModule: String? = nil, tokenEnvironment: [String: String] = [:], hostsModule: Bool = false,
        rolesApart: Bool = false, _ body: (CeremonyRoom) async throws -> R
    ) async throws -> R {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let room = try await RehearsalSite.build(
                    at: base.path + "/room", program: try program(), tokenModule: tokenModule,
                    tokenEnvironment: tokenEnvironment, hostsModule: hostsModule, rolesApart: rolesApart,
                    emulatorOptions: try keptWrappingKeys())
                defer { room.stop() }
                try await room.seedExternalKey(alias: alias)
                return try await body(CeremonyRoom(base: base, room: room))
            }
        }
    }

    /// Runs a keyrite command to its end, which comes within five minutes or is 124.
    static func keyrite(_ arguments: [String], environment: [String: String] = [:]) async throws -> ProcessOutcome {
        try await runProcess(
            "/usr/bin/timeout", ["--kill-after=5", "300", try program()] + arguments,
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 })
    }

    /// Freezes a plan for the one key.
    ///
    /// - Parameter rosterFolder: The folder with the roster; nil for the room's own.
    @discardableResult
    func plan(rosterFolder: String? = nil) async throws -> ProcessOutcome {
        let definition = base.path + "/definition.yaml"
        let text = """
            schema: keyrite.definition/1
            title: A test on real parts
            windowHours: 24
            wrappingKeySpec: RSA_2048
            keys:
              - alias: \(Self.alias)
                strategy: rotate
                proof: true
            """
        try Data(text.utf8).write(to: URL(filePath: definition))
        return try await plan(definition: definition, rosterFolder: rosterFolder)
    }

    /// Freezes a plan from a definition's file.
    ///
    /// - Parameters:
    ///   - site: The site's file; nil for the room's own.
    ///   - rosterFolder: The folder with the roster; nil for the room's own.
    @discardableResult
    func plan(
        definition: String, site: String? = nil, rosterFolder: String? = nil
    ) async throws -> ProcessOutcome {
        try await Self.waitForNextSecond()
        let planned = try await Self.keyrite([
            "plan", "--definition", definition, "--site", site ?? room.siteFile, "--roster",
            rosterFolder ?? room.rosterFolder, "--out", ceremony,
        ])
        try #require(planned.status == 0, "\(planned.stderrText)")
        return planned
    }

    /// AWS's record has whole seconds, as a transcript has: what was done before a ceremony, by whoever made ready for it,
    /// is not to be of its first one.
    private static func waitForNextSecond() async throws {
        let now = Date().timeIntervalSince1970
        try await Task.sleep(for: .seconds(now.rounded(.down) + 1 - now))
    }

    /// `keyrite run` over the ceremony folder.
    func run(_ more: String...) async throws -> ProcessOutcome {
        try await Self.keyrite(["run", ceremony, "--site", room.siteFile] + more)
    }

    /// `keyrite approve --auto` for one person.
    func approve(_ gate: Gate, as name: String) async throws {
        let signed = try await Self.keyrite([
            "approve", ceremony, "--gate", gate.rawValue, "--as", name, "--site", room.siteFile, "--auto",
        ])
        try #require(signed.status == 0, "\(signed.stderrText)")
    }

    /// As many people sign as the gate needs.
    func approve(_ gate: Gate) async throws {
        let record = try record()
        for requirement in record.requirements(at: gate) {
            for person in record.approvers(of: requirement.role, at: gate).prefix(requirement.count) {
                try await approve(gate, as: person.name)
            }
        }
    }

    /// Plans and holds the whole ceremony.
    func holdCeremony() async throws {
        try await plan()
        try await holdPlanned()
    }

    /// Holds the ceremony that is planned.
    func holdPlanned() async throws {
        for gate in try FrozenCeremony(reading: try DiskFolder(at: ceremony)).plan.gates {
            let waiting = try await run()
            try #require(waiting.status == 3, "\(waiting.stderrText)")
            try await approve(gate)
        }
        let closed = try await run()
        try #require(closed.status == 0, "\(closed.stderrText)")
    }

    /// What the transcript amounts to so far.
    func record() throws -> Record {
        let folder = try DiskFolder(at: ceremony)
        var record = try FrozenCeremony(reading: folder).emptyRecord
        try record.replay(try Transcript(parsing: try folder.read(Transcript.path)), folder: folder)
        return record
    }

    /// The bytes of a file in the ceremony folder.
    func read(_ path: String) throws -> [UInt8] {
        try DiskFolder(at: ceremony).read(path)
    }
}
