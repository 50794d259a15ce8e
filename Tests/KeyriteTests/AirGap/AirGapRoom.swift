import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

/// Two hosts, and nothing between them but a medium: the HSM's, in a network namespace without any route, and the connected
/// one with the embedded KMS. Each has a root of its own, which the other does not see; the medium is the test itself.
struct AirGapRoom: Sendable {
    static let alias = "alias/payments-production"
    static let slot = "payments-production"

    /// One of the two hosts.
    struct Host: Sendable {
        let side: Side
        let gap: GapSetting
        /// All that is this host's: its site, its memory, its folders.
        let root: String
        /// The other's root.
        let other: String

        var siteFile: String { root + "/site.yaml" }
        var memory: String { root + "/memory" }
        var ceremony: String { root + "/ceremony" }
    }

    let base: URL
    let hsm: Host
    let connected: Host
    let emulator: EmulatorProcess
    let people: [Member]
    /// Whether the HSM's host is without a network; where the kernel does not let it be, its site alone says so.
    let isIsolated: Bool

    subscript(side: Side) -> Host { side == .hsm ? hsm : connected }

    var rosterFolder: String { connected.root + "/roster" }

    /// Builds both hosts, lends them, and takes them down whatever happens.
    static func with<R>(_ body: (AirGapRoom) async throws -> R) async throws -> R {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let gaps = (
                    try await HostKeys.make("vault", side: .hsm, in: try root("hsm", in: base)),
                    try await HostKeys.make("office", side: .connected, in: try root("connected", in: base))
                )
                let hsm = Host(side: .hsm, gap: gaps.0, root: base.path + "/hsm", other: base.path + "/connected")
                let connected = Host(
                    side: .connected, gap: gaps.1, root: base.path + "/connected", other: base.path + "/hsm")
                let emulator = try await EmulatorProcess.start(
                    program: try CeremonyRoom.program(), log: connected.root + "/emulator.log",
                    options: try CeremonyRoom.keptWrappingKeys())
                defer { emulator.stop() }
                try await emulator.seedExternalKey(alias: alias)
                try await writeSites(hsm, connected, emulator)
                let people = try await makePeople(in: base, rosterFolder: connected.root + "/roster")
                return try await body(
                    AirGapRoom(
                        base: base, hsm: hsm, connected: connected, emulator: emulator, people: people,
                        isIsolated: try await canIsolate()))
            }
        }
    }

    private static func root(_ name: String, in base: URL) throws -> URL {
        let root = base.appending(path: name)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: false)
        return root
    }

    /// SoftHSM behind the rehearsal's module, which the ceremony's own child holds: all of the HSM is on that side.
    private static func writeSites(_ hsm: Host, _ connected: Host, _ emulator: EmulatorProcess) async throws {
        let softHSM = try SoftHSMFolder.create(at: hsm.root + "/softhsm")
        let module = try RehearsalModule.path()
        let server = try await TokenServer.start(
            module: module, socket: hsm.root + "/s", environment: softHSM.environment)
        defer { server.stop() }
        let token = try await RehearsalTokens.create(socket: server.socket, hsm: "keyrite-hsm", participants: []).hsm
        let sites = [
            Site(
                mode: .rehearsal, gap: hsm.gap, access: nil,
                module: .library(path: module, environment: softHSM.environment), token: token.uri.description,
                signers: [:], memory: hsm.memory),
            Site(
                mode: .rehearsal, gap: connected.gap,
                access: SiteAccess(region: .named("eu-central-1"), endpoint: .named(emulator.endpoint)),
                quotas: Quotas(everywhere: 1000), module: nil, token: "", signers: [:],
                memory: connected.memory),
        ]
        for (host, site) in zip([hsm, connected], sites) {
            try Data(site.yaml.utf8).write(to: URL(filePath: host.siteFile))
        }
    }

    /// Three people with keys of their own, each with them on both hosts: two of them sign every gate.
    private static func makePeople(in base: URL, rosterFolder: String) async throws -> [Member] {
        let now = SystemClock().now()
        var members: [Member] = []
        for (name, role) in [("ada", Role.administrator), ("ben", .custodian), ("carol", .custodian)] {
            let file = key(of: name, in: base)
            try await OwnKeys.sshKeygen("-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file)
            let line = try String(contentsOfFile: file + ".pub", encoding: .utf8)
            members.append(
                Member(
                    name: name, role: role, key: line.split(whereSeparator: \.isWhitespace).joined(separator: " "),
                    validFrom: now, validUntil: now.advanced(bySeconds: 24 * 3600)))
        }
        let rule = [GateRequirement(role: .custodian, count: 2)]
        let roster = Roster(
            mode: .rehearsal, members: members,
            rules: GateRules(authorize: rule, release: rule, activate: rule, close: rule, change: rule))
        let folder = try DiskFolder.create(at: rosterFolder)
        try folder.write(try roster.json(), to: Roster.path)
        for member in members {
            let signature = try await SSHKeySigner(file: key(of: member.name, in: base)).sign(
                try roster.json(), namespace: roster.mode.rosterNamespace)
            try folder.write(signature, to: Roster.acceptancePath(of: member))
        }
        return members
    }

    private static func key(of name: String, in base: URL) -> String { base.path + "/key-of-" + name }

    // MARK: Isolation

    /// Whether the kernel lets a program be without a network, and without another's files.
    static func canIsolate() async throws -> Bool {
        try await runProcess(["unshare", "--net", "--mount", "true"]).status == 0
    }

    /// A command as a host runs it: the other's root is not there, and the HSM's host has no network at all.
    func command(on host: Host, _ arguments: [String]) -> [String] {
        guard isIsolated else { return arguments }
        let net = host.side == .hsm ? ["--net"] : []
        return ["unshare", "--mount"] + net + [
            "sh", "-c", #"mount -t tmpfs none "$0" && exec "$@""#, host.other,
        ] + arguments
    }

    /// Whether a program on this host can connect to the embedded KMS.
    func reachesKMS(from host: Host) async throws -> Bool {
        let address = try #require(URL(string: emulator.endpoint))
        let port = try #require(address.port)
        let tried = try await runProcess(
            command(on: host, ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)"]))
        return tried.status == 0
    }

    /// What the kernel of this host knows of ways to anywhere.
    func routes(on host: Host) async throws -> [String] {
        let shown = try await runProcess(command(on: host, ["cat", "/proc/net/route", "/proc/net/fib_trie"]))
        return shown.stdoutText.split(separator: "\n").map(String.init)
    }

    // MARK: Commands

    func keyrite(on host: Host, _ arguments: [String]) async throws -> ProcessOutcome {
        let program = ["/usr/bin/timeout", "--kill-after=5", "300", try CeremonyRoom.program()]
        let command = command(on: host, program + arguments)
        return try await runProcess(
            command[0], Array(command.dropFirst()), environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    }

    /// - Parameter words: Those that the other host showed.
    func run(on host: Host, words: String? = nil) async throws -> ProcessOutcome {
        try await keyrite(
            on: host, ["run", host.ceremony, "--site", host.siteFile] + (words.map { ["--words", $0] } ?? []))
    }

    /// Both custodians sign a gate, with keys of their own, on this host.
    func approve(_ gate: Gate, on host: Host) async throws {
        for person in people where person.role == .custodian {
            let signed = try await keyrite(
                on: host,
                [
                    "approve", host.ceremony, "--gate", gate.rawValue, "--as", person.name, "--site", host.siteFile,
                    "--ssh-key", Self.key(of: person.name, in: base), "--auto",
                ])
            try #require(signed.status == 0, "\(signed.stderrText)")
        }
    }

    /// Makes the HSM host's card, carries it over, and freezes a plan with it.
    ///
    /// - Parameter out: The ceremony folder, where it is not the connected host's own.
    func plan(out: String? = nil) async throws {
        let carried = connected.root + "/vault.card"
        if access(carried, F_OK) != 0 {
            let card = try await keyrite(
                on: hsm,
                [
                    "host", "card", "--site", hsm.siteFile, "--out", hsm.root + "/vault.card", "--key-spec",
                    "SYMMETRIC_DEFAULT",
                ])
            try #require(card.status == 0, "\(card.stderrText)")
            for suffix in ["", ".sig"] {
                try FileManager.default.copyItem(
                    atPath: hsm.root + "/vault.card" + suffix, toPath: carried + suffix)
            }
        }
        let definition = connected.root + "/definition.yaml"
        let text = """
            schema: keyrite.definition/1
            title: Across an air gap
            windowHours: 24
            wrappingKeySpec: RSA_2048
            keys:
              - alias: \(Self.alias)
                strategy: rotate
                proof: true
            """
        try Data(text.utf8).write(to: URL(filePath: definition))
        let planned = try await keyrite(
            on: connected,
            [
                "plan", "--definition", definition, "--site", connected.siteFile, "--roster", rosterFolder, "--out",
                out ?? connected.ceremony, "--hsm-host", carried,
            ])
        try #require(planned.status == 0, "\(planned.stderrText)")
    }

    // MARK: The medium

    /// Carries a folder to the host, in place of what it had, as it is.
    func carry(_ folder: String, to host: Host) throws {
        let files = FileManager.default
        if files.fileExists(atPath: host.ceremony) { try files.removeItem(atPath: host.ceremony) }
        try files.copyItem(atPath: folder, toPath: host.ceremony)
    }

    /// Keeps a copy of a folder, as a medium does that nobody erased.
    func keep(_ folder: String, as name: String) throws -> String {
        let copy = base.path + "/medium-" + name
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        return copy
    }

    func record(_ host: Host) throws -> Record {
        let folder = try DiskFolder(at: host.ceremony)
        var record = try FrozenCeremony(reading: folder).emptyRecord
        try record.replay(try Transcript(parsing: try folder.read(Transcript.path)), folder: folder)
        return record
    }
}
