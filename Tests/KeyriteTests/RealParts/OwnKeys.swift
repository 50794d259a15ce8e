import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import PKCS11
import Processes
import Room
import TestSupport
import Testing

/// People of a room who sign with SSH keys of their own, and the roster that says so, accepted by everyone.
struct OwnKeys: Sendable {
    /// A person's key.
    struct Key: Sendable {
        /// The private key's file; the public one has `.pub` after it.
        let file: String
        var presence: UserPresence?
        /// Whether ssh-keygen asks for the authenticator's PIN, which it does at a terminal alone.
        var asksForPIN = false
    }

    let room: CeremonyRoom
    let keys: [String: Key]
    var rosterFolder: String { room.base.path + "/own-roster" }
    /// What this machine remembers without a site.
    var memory: String { room.base.path + "/own-memory" }

    /// Makes a key and its `.pub` file in the room's folder.
    ///
    /// - Parameters:
    ///   - type: As ssh-keygen's `-t` has it.
    ///   - presence: For a FIDO2 key alone.
    static func make(
        _ type: String, for name: String, in room: CeremonyRoom, passphrase: String = "", presence: UserPresence? = nil,
        options: [String] = []
    ) async throws -> Key {
        let file = room.base.path + "/key-of-" + name
        if presence != nil {
            try await SoftwareAuthenticator.enrol(type, at: file, options: options)
        } else {
            try await sshKeygen("-q", "-t", type, "-b", "256", "-N", passphrase, "-C", "", "-f", file)
        }
        return Key(file: file, presence: presence, asksForPIN: options.contains("verify-required"))
    }

    /// Puts these people's keys on the roster in place of their tokens', and everybody's acceptance beside it.
    ///
    /// - Parameter rules: nil for the room's own.
    init(
        in room: CeremonyRoom, _ keys: [String: Key], passphrases: [String: String] = [:], rules: GateRules? = nil
    ) async throws {
        self.room = room
        self.keys = keys
        let old = try room.roster
        let members = try old.members.map { member in
            guard let key = keys[member.name] else { return member }
            return Member(
                name: member.name, role: member.role, key: try Self.line(key), userPresence: key.presence,
                validFrom: member.validFrom, validUntil: member.validUntil)
        }
        let roster = Roster(mode: old.mode, members: members, rules: rules ?? old.rules)
        let bytes = try roster.json()
        let folder = try DiskFolder.create(at: rosterFolder)
        try folder.write(bytes, to: Roster.path)
        for member in members {
            let signature =
                if let key = keys[member.name] {
                    try await Self.accept(bytes, roster, with: key, passphrases[member.name], in: room)
                } else {
                    try await room.room.site.signer(of: member.name).sign(bytes, namespace: roster.mode.rosterNamespace)
                }
            try folder.write(signature, to: Roster.acceptancePath(of: member))
        }
    }

    private static func line(_ key: Key) throws -> String {
        try String(contentsOfFile: key.file + ".pub", encoding: .utf8).split(whereSeparator: \.isWhitespace).prefix(2)
            .joined(separator: " ")
    }

    /// With whatever presence it takes; a passphrase is taken off a copy of the key first.
    private static func accept(
        _ bytes: [UInt8], _ roster: Roster, with key: Key, _ passphrase: String?, in room: CeremonyRoom
    ) async throws -> [UInt8] {
        var file = key.file
        if let passphrase {
            file += "-open"
            try FileManager.default.copyItem(atPath: key.file, toPath: file)
            try await sshKeygen("-q", "-p", "-P", passphrase, "-N", "", "-f", file)
        }
        if key.asksForPIN { return try await acceptAtTerminal(bytes, roster, with: file) }
        return try await SoftwareAuthenticator.sign(
            bytes, with: file, namespace: roster.mode.rosterNamespace, flags: key.presence == .verified ? 5 : 1)
    }

    private static func acceptAtTerminal(_ bytes: [UInt8], _ roster: Roster, with file: String) async throws -> [UInt8]
    {
        let message = file + "-accepts"
        try Data(bytes).write(to: URL(filePath: message))
        let terminal = try Pseudoterminal(
            ["/usr/bin/ssh-keygen", "-Y", "sign", "-q", "-f", file, "-n", roster.mode.rosterNamespace, message],
            environment: ["PATH": "/usr/bin:/bin", "SSH_SK_PROVIDER": try SoftwareAuthenticator.path()])
        defer { terminal.signal(SIGKILL) }
        try await terminal.expect("Enter PIN for ")
        try await terminal.expect(": ")
        terminal.type("1234\n")
        try #require(try await terminal.end().status == 0, "\(terminal.shown)")
        return [UInt8](try Data(contentsOf: URL(filePath: message + ".sig")))
    }

    static func sshKeygen(_ arguments: String...) async throws {
        let outcome = try await runProcess("ssh-keygen", arguments)
        try #require(outcome.status == 0, "\(outcome.stderrText)")
    }

    /// Freezes the plan for this roster and runs up to the first gate.
    func open() async throws {
        try await room.plan(rosterFolder: rosterFolder)
        try #require(try await room.run("--until", "authorize").status == 3)
    }

    /// `keyrite approve` without a site, in this room's surroundings.
    ///
    /// - Parameters:
    ///   - folder: The ceremony folder; nil for the room's.
    ///   - environment: More than PATH and the authenticator.
    func approve(
        _ gate: Gate, as name: String, _ more: String..., folder: String? = nil, environment: [String: String] = [:]
    ) async throws -> ProcessOutcome {
        let usual = ["PATH": "/usr/bin:/bin", "SSH_SK_PROVIDER": try SoftwareAuthenticator.path()]
        return try await runProcess(
            "/usr/bin/timeout",
            ["--kill-after=5", "300", try CeremonyRoom.program()] + arguments(gate, as: name, folder: folder) + more,
            environment: usual.merging(environment) { $1 })
    }

    /// The command line up to what signs.
    func arguments(_ gate: Gate, as name: String, folder: String? = nil) -> [String] {
        ["approve", folder ?? room.ceremony, "--gate", gate.rawValue, "--as", name, "--memory", memory]
    }

    /// Somebody's own key signs, without anybody being asked.
    func sign(_ gate: Gate, as name: String, environment: [String: String] = [:]) async throws -> ProcessOutcome {
        let file = try #require(keys[name]).file
        return try await approve(gate, as: name, "--ssh-key", file, "--auto", environment: environment)
    }

    /// The fingerprint of a person's key, as the roster has it.
    func fingerprint(of name: String) throws -> String? {
        try Roster(json: DiskFolder(at: rosterFolder).read(Roster.path)).member(named: name)?.publicKey().fingerprint
    }

    /// The files of a person's decision in the room's ceremony folder, those that there are.
    func decision(_ gate: Gate, _ attempt: Int, by name: String) throws -> [String] {
        try DiskFolder(at: room.ceremony).files().filter { $0.hasPrefix(Approval.path(gate, attempt, name)) }
    }
}

/// An SSH agent for one test.
final class SSHAgent: Sendable {
    let socket: String
    private let process: ChildProcess

    /// Starts one and gives it a key, whose private file it then is the only one to have.
    init(holding key: OwnKeys.Key, socket: String) async throws {
        self.socket = socket
        process = try await ChildProcess.spawn(
            ["/usr/bin/ssh-agent", "-D", "-a", socket], environment: ["PATH": "/usr/bin:/bin"],
            output: socket + ".log")
        let deadline = ContinuousClock.now + .seconds(300)
        while true {
            let added = try await runProcess(
                "/usr/bin/ssh-add", ["-q", key.file], environment: ["PATH": "/usr/bin:/bin", "SSH_AUTH_SOCK": socket])
            if added.status == 0 { break }
            try #require(ContinuousClock.now < deadline, "\(added.stderrText)")
            try await Task.sleep(for: .milliseconds(20))
        }
        try FileManager.default.removeItem(atPath: key.file)
    }

    deinit { process.kill() }

    var environment: [String: String] { ["SSH_AUTH_SOCK": socket] }
}
