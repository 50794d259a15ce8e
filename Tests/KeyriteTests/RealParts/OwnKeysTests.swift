import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("People who sign with keys of their own")
struct OwnKeysTests {
    @Test("a token, a key's file, an agent and two authenticators sign at once while run takes them in, to the end")
    func allKindsAtOnce() async throws {
        try await CeremonyRoom.with { room in
            let held = try await OwnKeys.make("ed25519", for: "dan", in: room)
            let custodians = GateRequirement(role: .custodian, count: 2)
            let witness = GateRequirement(role: .witness, count: 1)
            let own = try await OwnKeys(
                in: room,
                [
                    "ada": try await OwnKeys.make("ecdsa", for: "ada", in: room),
                    "ben": try await OwnKeys.make("ecdsa-sk", for: "ben", in: room, presence: .touched),
                    "dan": held,
                    "wendy": try await OwnKeys.make("ed25519-sk", for: "wendy", in: room, presence: .touched),
                ],
                rules: GateRules(
                    authorize: [GateRequirement(role: .custodian, count: 3), witness], release: [custodians],
                    activate: [custodians], close: [custodians, witness], change: [custodians]))
            let agent = try await SSHAgent(holding: held, socket: room.base.path + "/agent")
            try await own.open()

            async let byToken: Void = room.approve(.authorize, as: "carol")
            async let byAuthenticator = own.sign(.authorize, as: "ben")
            async let byOther = own.sign(.authorize, as: "wendy")
            async let byAgent = own.approve(
                .authorize, as: "dan", "--ssh-key", held.file + ".pub", "--auto", environment: agent.environment)
            async let passed = Self.runUntilPassed(room)
            try await byToken
            for signed in [try await byAuthenticator, try await byOther, try await byAgent] {
                #expect(signed.status == 0, "\(signed.stderrText)")
            }
            #expect(try await passed == 0)
            #expect(Set(try room.record().gates.decisions.map(\.name)) == ["ben", "carol", "dan", "wendy"])

            for gate in [Gate.release, .activate, .close] {
                #expect(try await room.run().status == 3)
                for name in gate == .close ? ["ben", "wendy"] : ["ben"] {
                    let signed = try await own.sign(gate, as: name)
                    #expect(signed.status == 0, "\(signed.stderrText)")
                }
                try await room.approve(gate, as: "carol")
            }
            #expect(try await room.run().status == 0)
            let digest = Roster.digest(of: try room.read(Roster.path)).hex
            #expect(try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", digest]).status == 0)
            let script = try await runProcess("dash", [TamperedFolder.script, room.ceremony, "--roster", digest])
            #expect(script.status == 0, "\(script.stdoutText)")
        }
    }

    private static func runUntilPassed(_ room: CeremonyRoom) async throws -> Int32 {
        for _ in 0..<200 {
            let run = try await room.run("--until", "authorize")
            guard run.status == 3 else { return run.status }
        }
        return 3
    }

    @Test("at a terminal the statement is read and the gate's name typed, and then ssh-keygen asks for the passphrase")
    func passphrase() async throws {
        try await CeremonyRoom.with { room in
            let key = try await OwnKeys.make("ed25519", for: "ben", in: room, passphrase: "correct horse")
            let own = try await OwnKeys(in: room, ["ben": key], passphrases: ["ben": "correct horse"])
            try await own.open()
            let ended = try Attendant(
                own.arguments(.authorize, as: "ben") + ["--ssh-key", key.file], room: room.room.root)
            defer { ended.terminal.signal(SIGKILL) }
            let untouched = ended.terminal.settingsBefore
            try await ended.leaf()
            try await ended.answer("authorize, no, read or back: ", "authorize")
            try await ended.expect("Enter passphrase")
            ended.terminal.signal(SIGTERM)
            #expect(try await ended.terminal.end().status == 1, "\(ended.terminal.shown)")
            #expect(ended.terminal.words.contains("was ended, since this program was told to end"))
            #expect(ended.terminal.settings == untouched)
            let stopped = try Attendant(
                own.arguments(.authorize, as: "ben") + ["--ssh-key", key.file], room: room.room.root)
            defer { stopped.terminal.signal(SIGKILL) }
            try await stopped.leaf()
            try await stopped.answer("authorize, no, read or back: ", "authorize")
            try await stopped.expect("Enter passphrase")
            stopped.terminal.type(Attendant.key("c"))
            #expect(try await stopped.terminal.end().status == 1, "\(stopped.terminal.shown)")
            #expect(stopped.terminal.words.contains("Ctrl-C ended ssh-keygen. Run the command again to decide"))
            for (passphrases, status) in [
                // Ctrl-Z and Ctrl-\ stop nothing: the shell would read the next passphrase.
                (["wrong", "wrong \u{1A}\u{1C}horse", "no horse"], 1 as Int32),
                (["wrong horse", "correct horse"], 0),
            ] {
                let ben = try Attendant(
                    own.arguments(.authorize, as: "ben") + ["--ssh-key", key.file], room: room.room.root)
                defer { ben.terminal.signal(SIGKILL) }
                let before = ben.terminal.settingsBefore
                try await ben.leaf()
                try await ben.answer("authorize, no, read or back: ", "authorize")
                try await ben.expect("ssh-keygen signs")
                for passphrase in passphrases { try await ben.answer("Enter passphrase", passphrase) }
                #expect(try await ben.terminal.end().status == status, "\(ben.terminal.shown)")
                #expect(ben.terminal.words.contains("ssh-keygen asks again; 2 tries are left"))
                #expect(passphrases.allSatisfy { !ben.terminal.words.contains($0) } || status == 1)
                #expect(!ben.terminal.words.contains("horse"))
                #expect(ben.terminal.settings == before)
                #expect(try own.decision(.authorize, 1, by: "ben").count == (status == 0 ? 2 : 0))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: own.memory).count == 1)
        }
    }

    @Test("at a terminal the person is told to touch the authenticator, and ssh-keygen asks for its PIN")
    func authenticatorPIN() async throws {
        try await CeremonyRoom.with { room in
            let key = try await OwnKeys.make(
                "ed25519-sk", for: "ben", in: room, presence: .verified, options: ["verify-required"])
            let own = try await OwnKeys(in: room, ["ben": key])
            try await own.open()
            let ben = try Attendant(
                own.arguments(.authorize, as: "ben") + ["--ssh-key", key.file], room: room.room.root,
                environment: ["SSH_SK_PROVIDER": try SoftwareAuthenticator.path()])
            defer { ben.terminal.signal(SIGKILL) }
            try await ben.leaf()
            try await ben.answer("authorize, no, read or back: ", "authorize")
            try await ben.expect("Touch your authenticator")
            try await ben.expect("Enter PIN for ")
            try await ben.answer(": ", "1234")
            #expect(try await ben.terminal.end().status == 0, "\(ben.terminal.shown)")
            try await room.approve(.authorize, as: "carol")
            #expect(try await room.run("--until", "authorize").status == 0)
        }
    }

    @Test("an authenticator that nobody touched signs nothing that counts, and the person is told to touch it")
    func noTouch() async throws {
        try await CeremonyRoom.with { room in
            let own = try await OwnKeys(
                in: room,
                [
                    "ben": try await OwnKeys.make(
                        "ed25519-sk", for: "ben", in: room, presence: .touched, options: ["no-touch-required"]),
                    "carol": try await OwnKeys.make("ecdsa-sk", for: "carol", in: room, presence: .verified),
                    "dan": try await OwnKeys.make(
                        "ecdsa-sk", for: "dan", in: room, presence: UserPresence.none, options: ["no-touch-required"]),
                ])
            try await own.open()
            for name in ["ben", "carol"] {
                let signed = try await own.sign(.authorize, as: name)
                #expect(signed.status == 1)
                #expect(signed.stderrText.contains("no user presence: \(name) signed without"), "\(signed.stderrText)")
                #expect(try own.decision(.authorize, 1, by: name).isEmpty)
            }
            #expect(try await own.sign(.authorize, as: "dan").status == 0)

            // Whoever puts the files there by hand has them refused by the run.
            let path = Approval.path(.authorize, 1, "ben")
            let exported = room.base.path + "/away"
            #expect(try await own.approve(.authorize, as: "ben", "--export", exported).status == 0)
            let approval = try DiskFolder(at: exported).read("ben.json")
            let folder = try DiskFolder(at: room.ceremony)
            try folder.write(approval, to: path)
            let file = try #require(own.keys["ben"]).file
            try folder.write(
                try await SoftwareAuthenticator.sign(
                    approval, with: file, namespace: Mode.rehearsal.gateNamespace, flags: 0), to: path + ".sig")
            let run = try await room.run("--until", "authorize")
            #expect(run.status == 3)
            #expect(run.stderrText.contains("\(path) does not count: no user presence"), "\(run.stderrText)")
            try folder.remove(path + ".sig")
            try folder.write(
                try await SoftwareAuthenticator.sign(
                    approval, with: file, namespace: Mode.rehearsal.gateNamespace, flags: 1), to: path + ".sig")
            #expect(try await room.run("--until", "authorize").status == 0)
        }
    }

    @Test("another person's key, no key, an agent without it, and another ssh-keygen on the PATH sign nothing")
    func otherKeys() async throws {
        try await CeremonyRoom.with { room in
            let own = try await OwnKeys(
                in: room,
                [
                    "ben": try await OwnKeys.make("ed25519", for: "ben", in: room),
                    "carol": try await OwnKeys.make("ecdsa", for: "carol", in: room),
                ])
            try await own.open()
            func refused(_ status: Int32, _ message: String, _ key: String, _ environment: [String: String] = [:])
                async throws
            {
                let signed = try await own.approve(
                    .authorize, as: "ben", "--ssh-key", key, "--auto", environment: environment)
                #expect(signed.status == status && signed.stderrText.contains(message), "\(signed.stderrText)")
                #expect(try own.decision(.authorize, 1, by: "ben").isEmpty)
            }
            let (bens, carols) = (try #require(own.keys["ben"]).file, try #require(own.keys["carol"]).file)
            let fingerprint = try #require(try own.fingerprint(of: "ben"))
            let mistaken = "carol's, and the roster lists \(fingerprint) for ben. Nothing was signed. "
            try await refused(2, mistaken, carols)
            try await refused(2, mistaken, carols + ".pub")
            // Nobody reads a statement first.
            let early = try Attendant(
                own.arguments(.authorize, as: "ben") + ["--ssh-key", carols], room: room.room.root)
            defer { early.terminal.signal(SIGKILL) }
            #expect(try await early.terminal.end().status == 2, "\(early.terminal.shown)")
            #expect(!early.terminal.words.contains("Page 1"), "\(early.terminal.shown)")
            try await refused(2, "cannot be read", room.base.path + "/none")
            try await refused(1, "ssh-keygen ended with status", room.room.siteFile)
            let agent = try await SSHAgent(holding: try #require(own.keys["carol"]), socket: room.base.path + "/agent")
            try FileManager.default.moveItem(atPath: bens, toPath: bens + "-kept")
            for environment in [agent.environment, [:], ["SSH_AUTH_SOCK": room.base.path + "/no-agent"]] {
                try await refused(1, "Your SSH agent does not hold this key", bens + ".pub", environment)
                let early = try Attendant(
                    own.arguments(.authorize, as: "ben") + ["--ssh-key", bens + ".pub"], room: room.room.root,
                    environment: environment)
                defer { early.terminal.signal(SIGKILL) }
                #expect(try await early.terminal.end().status == 1, "\(early.terminal.shown)")
                #expect(!early.terminal.words.contains("Page 1"), "\(early.terminal.shown)")
            }

            try FileManager.default.moveItem(atPath: bens + "-kept", toPath: bens)
            let hostile = room.base.path + "/bin"
            try FileManager.default.createDirectory(atPath: hostile, withIntermediateDirectories: false)
            let fake = hostile + "/ssh-keygen"
            try Data("#!/bin/sh\ntouch \(hostile)/was-here\n".utf8).write(to: URL(filePath: fake))
            try #require(chmod(fake, 0o755) == 0)
            let signed = try await own.sign(.authorize, as: "ben", environment: ["PATH": "\(hostile):/usr/bin:/bin"])
            #expect(signed.status == 0, "\(signed.stderrText)")
            #expect(access(hostile + "/was-here", F_OK) != 0)
            #expect(try await own.sign(.authorize, as: "ben").status == 1, "twice")
        }
    }

    @Test("one way to sign is named, and what only a rehearsal has is refused by a live roster")
    func usage() async throws {
        try await withTemporaryFolder { base in
            let folder = try DiskFolder.create(at: base.path + "/ceremony")
            let names = ["ada", "ben", "carol"]
            var members: [Member] = []
            let now = SystemClock().now()
            for name in names {
                try await OwnKeys.sshKeygen("-q", "-t", "ed25519", "-N", "", "-C", "", "-f", base.path + "/" + name)
                let line = try String(contentsOfFile: base.path + "/\(name).pub", encoding: .utf8)
                members.append(
                    Member(
                        name: name, role: name == "ada" ? .administrator : .custodian,
                        key: line.split(whereSeparator: \.isWhitespace).joined(separator: " "), validFrom: now,
                        validUntil: now.advanced(bySeconds: 3600)))
            }
            let rule = [GateRequirement(role: .custodian, count: 2)]
            let roster = Roster(
                mode: .live, members: members,
                rules: GateRules(authorize: rule, release: rule, activate: rule, close: rule, change: rule))
            let bytes = try roster.json()
            try folder.write(bytes, to: Roster.path)
            try folder.write(roster.allowedSigners(), to: Roster.allowedSignersPath)
            for member in members {
                let signature = try await SoftwareAuthenticator.sign(
                    bytes, with: base.path + "/" + member.name, namespace: roster.mode.rosterNamespace)
                try folder.write(signature, to: Roster.acceptancePath(of: member))
            }
            let common = ["approve", folder.root, "--gate", "authorize", "--as", "ben"]
            for (arguments, message) in [
                ([], "Give --site, or one of"), (["--ssh-key", "k", "--export", "d"], "Give one of"),
                (["--import", "d", "--auto"], "--auto is for"),
                (["--ssh-key", base.path + "/ben", "--auto"], "Nobody answers for themselves in a live ceremony"),
                (["--ssh-key", base.path + "/ben", "--memory", base.path], "In a live ceremony the memory"),
                (["--ssh-key", base.path + "/ben", "--kill-at", "1"], "Only a rehearsal has checkpoints"),
            ] {
                let outcome = try await CeremonyRoom.keyrite(common + arguments)
                #expect(outcome.status == 2 && outcome.stderrText.contains(message), "\(outcome.stderrText)")
            }
        }
    }
}
