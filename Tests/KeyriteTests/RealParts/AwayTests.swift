import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("Decisions that are signed away from the ceremony's folder")
struct AwayTests {
    /// A room at its first gate, in which ben and carol have SSH keys of their own.
    private func withOpenGate(_ body: (OwnKeys, _ away: String) async throws -> Void) async throws {
        try await CeremonyRoom.with { room in
            let own = try await OwnKeys(
                in: room,
                [
                    "ben": try await OwnKeys.make("ed25519-sk", for: "ben", in: room, presence: .touched),
                    "carol": try await OwnKeys.make("ecdsa", for: "carol", in: room),
                ])
            try await own.open()
            try await body(own, room.base.path + "/away")
        }
    }

    /// A shell in a folder, with the authenticator at hand.
    private func shell(_ command: String, in folder: String) async throws -> String {
        let run = try await runProcess(
            "/bin/sh", ["-c", command],
            environment: ["PATH": "/usr/bin:/bin", "SSH_SK_PROVIDER": try SoftwareAuthenticator.path()],
            directory: URL(filePath: folder))
        try #require(run.status == 0, "\(command): \(run.stderrText)")
        return run.stdoutText
    }

    /// The lines of README.txt that are commands, beginning so.
    private func command(_ beginning: String, in folder: String) throws -> String {
        let text = try String(contentsOfFile: folder + "/README.txt", encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        return try #require(lines.first { $0.hasPrefix(beginning) }, "\(text)")
    }

    private func export(_ own: OwnKeys, _ name: String, to away: String, _ gate: Gate = .authorize) async throws {
        let exported = try await own.approve(gate, as: name, "--export", away)
        try #require(exported.status == 0, "\(exported.stderrText)")
        #expect(exported.stdoutText == away + "\n")
    }

    private func key(of name: String, _ own: OwnKeys) throws -> String { try #require(own.keys[name]).file }

    @Test("with the plain tools that README.txt names, a gate is passed")
    func plainTools() async throws {
        try await withOpenGate { own, away in
            try await export(own, "ben", to: away)
            let readme = try String(contentsOfFile: away + "/README.txt", encoding: .utf8)
            let until = try CanonicalJSON.decode(
                Statement.self, from: try own.room.read(Statement.path(.authorize, 1))
            ).validity.until
            #expect(readme.contains("\nDecide before \(until).\n"))
            #expect(!readme.contains("PKCS#11"), "his key is on an authenticator")
            let carols = away + "-carols"
            try await export(own, "carol", to: carols)
            #expect(
                try await shell(
                    (try command("echo 'ecdsa-sha2-nistp256 ", in: carols)) + "; ssh-keygen -l -f KEY.pub", in: carols
                ).contains(try #require(try own.fingerprint(of: "carol"))))
            let statement = try own.room.read(Statement.path(.authorize, 1))
            let digest = SHA256Digest(of: statement)
            let shown = try String(contentsOfFile: away + "/statement.txt", encoding: .utf8)
            #expect(shown.contains(digest.hex))
            let flat = shown.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(flat.contains(PGPWords.spell(digest.bytes).joined(separator: " ")))
            #expect(shown.contains("keyrite.statement/1"))

            #expect(try await shell(try command("sha256sum ceremony/st", in: away), in: away).hasPrefix(digest.hex))
            #expect(try await shell(try command("jq -r", in: away), in: away) == digest.hex + "\n")
            let roster = try await shell(try command("sha256sum ceremony/ro", in: away), in: away).prefix(64)
            #expect(roster == Roster.digest(of: try own.room.read(Roster.path)).hex)
            let verified = try await runProcess(
                "dash", [TamperedFolder.script, away + "/ceremony", "--roster", String(roster)])
            #expect(verified.stdoutText.contains("NOT CLOSED"), "\(verified.stdoutText)")

            let sign = try command("ssh-keygen -Y sign", in: away)
            _ = try await shell(sign.replacing("KEY", with: try key(of: "ben", own)), in: away)
            let taken = try await own.approve(.authorize, as: "ben", "--import", away)
            #expect(taken.status == 0, "\(taken.stderrText)")
            #expect(try own.decision(.authorize, 1, by: "ben").count == 2)
            let again = try await own.approve(.authorize, as: "ben", "--import", away)
            #expect(again.status == 1)
            #expect(again.stderrText.contains("ben has signed this attempt already: approve"), "\(again.stderrText)")
            #expect(try await own.sign(.authorize, as: "ben").status == 1, "nor here")

            try await own.room.approve(.authorize, as: "dan")
            #expect(try await own.room.run("--until", "authorize").status == 0)
        }
    }

    @Test("a line feed that an editor or a mail added is named, with the way to undo it", arguments: ["\n", "\r\n"])
    func lineEnds(added: String) async throws {
        try await withOpenGate { own, place in
            let away = place + "-of-ben's"
            try await export(own, "ben", to: away)
            let folder = try DiskFolder(at: away)
            let sign = (try command("ssh-keygen -Y sign", in: away)).replacing("KEY", with: try key(of: "ben", own))
            _ = try await shell(sign, in: away)
            let (decision, signature) = (try folder.read("ben.json"), try folder.read("ben.json.sig"))
            try folder.write(decision + Array(added.utf8), to: "ben.json")
            let mailed = String(decoding: signature, as: UTF8.self).replacing("\n", with: added)
            try folder.write(Array(mailed.utf8), to: "ben.json.sig")
            let refused = try await own.approve(.authorize, as: "ben", "--import", away)
            #expect(refused.status == 2)
            let what = added == "\n" ? "a line feed" : "CR LF"
            #expect(refused.stderrText.contains("\(away)/ben.json ends in \(what), which"), "\(refused.stderrText)")
            #expect(refused.stderrText.contains("Then import it again"))
            // What it says undoes it.
            for said in refused.stderrText.matches(of: #/with: (.+?)\. (?:Then|\S+ has)/#) {
                _ = try await shell(String(said.1), in: away)
            }
            #expect(try folder.read("ben.json") == decision)
            #expect(try folder.read("ben.json.sig") == signature)

            // Signed with it, it has to be signed again.
            try folder.write(decision + Array(added.utf8), to: "ben.json")
            try folder.remove("ben.json.sig")
            _ = try await shell(sign, in: away)
            let signed = try await own.approve(.authorize, as: "ben", "--import", away)
            #expect(signed.stderrText.contains("Then sign it again, and import that"), "\(signed.stderrText)")
            try folder.write(decision, to: "ben.json")
            try folder.write(signature, to: "ben.json.sig")
            #expect(try await own.approve(.authorize, as: "ben", "--import", away).status == 0)
        }
    }

    @Test("with keyrite approve on the copy, in which nothing is that only the room needs")
    func onTheCopy() async throws {
        try await withOpenGate { own, away in
            for name in ["ben", "carol"] { #expect(try await own.sign(.authorize, as: name).status == 0) }
            #expect(try await own.room.run().status == 3)
            let folder = try DiskFolder(at: own.room.ceremony)
            #expect(try folder.files().contains { $0.hasPrefix("tokens/") }, "so that their absence means something")
            try await export(own, "ben", to: away, .release)
            let copied = try DiskFolder(at: away + "/ceremony").files()
            #expect(!copied.contains { $0.hasPrefix("tokens/") || $0.hasPrefix("wrapped/") })
            let signed = try await own.approve(
                .release, as: "ben", "--ssh-key", try key(of: "ben", own), "--auto", folder: away + "/ceremony")
            #expect(signed.status == 0, "\(signed.stderrText)")
            #expect(try await own.approve(.release, as: "ben", "--import", away).status == 0)
            #expect(try await own.sign(.release, as: "carol").status == 0)
            #expect(try await own.room.run("--until", "release").status == 0)
        }
    }

    @Test("a refusal made with the line in README.txt is recorded, with its reason, and carried by the next attempt")
    func refusal() async throws {
        try await withOpenGate { own, away in
            try await export(own, "carol", to: away)
            let why = "100 % the wrong day, isn't it"
            func refuse(_ reason: String) async throws {
                let lines = try ["IFS= read", "jq -cSj", "mv "].map { try command($0, in: away) }
                _ = try await shell("{ \(lines.joined(separator: "\n"))\n} << 'REASON'\n\(reason)\nREASON", in: away)
            }
            let decision = try DiskFolder(at: away).read("carol.json")
            try await refuse("falscher Tag, schön")
            let foreign = try await SoftwareAuthenticator.sign(
                try DiskFolder(at: away).read("carol.json"), with: try key(of: "carol", own),
                namespace: Mode.rehearsal.gateNamespace)
            try DiskFolder(at: away).write(foreign, to: "carol.json.sig")
            let unfit = try await own.approve(.authorize, as: "carol", "--import", away)
            #expect(
                unfit.status == 2
                    && unfit.stderrText.contains("write the reason in plain ASCII, and sign it again"),
                "\(unfit.stderrText)")
            try DiskFolder(at: away).remove("carol.json.sig")
            try DiskFolder(at: away).write(decision, to: "carol.json")
            try await refuse(why)
            let sign = try command("ssh-keygen -Y sign", in: away)
            _ = try await shell(sign.replacing("KEY", with: try key(of: "carol", own)), in: away)
            let taken = try await own.approve(.authorize, as: "carol", "--import", away)
            #expect(taken.status == 0 && taken.stderrText.contains("carol: refuse taken in"), "\(taken.stderrText)")
            #expect(try await own.room.run("--until", "authorize").status == 3)
            let next = try CanonicalJSON.decode(Statement.self, from: try own.room.read(Statement.path(.authorize, 2)))
            #expect(next.decisions.map(\.name) == ["carol"] && next.decisions.map(\.decision) == [.refuse])
            let file = try own.room.read(Approval.path(.authorize, 1, "carol"))
            let approval = try CanonicalJSON.decode(Approval.self, from: file)
            #expect(try PercentEncoding.decode(try #require(approval.reason)) == why)
        }
    }

    @Test("what was signed for an attempt that is over meanwhile is not taken in, and says so")
    func newAttempt() async throws {
        try await withOpenGate { own, away in
            try await export(own, "ben", to: away)
            let carols = away + "-carols"
            try await export(own, "carol", to: carols)
            _ = try await shell(
                "WHY='not yet'; " + (try command("jq -cSj", in: carols)) + " && " + (try command("mv ", in: carols)),
                in: carols)
            for (name, folder) in [("ben", away), ("carol", carols)] {
                let sign = try command("ssh-keygen -Y sign", in: folder)
                _ = try await shell(sign.replacing("KEY", with: try key(of: name, own)), in: folder)
            }
            #expect(try await own.approve(.authorize, as: "carol", "--import", carols).status == 0)
            #expect(try await own.room.run("--until", "authorize").status == 3)
            let late = try await own.approve(.authorize, as: "ben", "--import", away)
            #expect(late.status == 1)
            #expect(
                late.stderrText.contains(
                    "\(away)/ben.json does not count: it was made for attempt 1. Nothing was written."),
                "\(late.stderrText)")
            #expect(try own.decision(.authorize, 2, by: "ben").isEmpty)
            #expect(try own.decision(.authorize, 1, by: "ben").isEmpty)
        }
    }

    @Test("whatever else is wrong is refused with the name of the file, and nothing is written")
    func wrong() async throws {
        try await withOpenGate { own, away in
            let early = try await own.approve(.release, as: "ben", "--export", away)
            #expect(early.status == 2 && early.stderrText.contains("The open gate is authorize"))
            let inside = try await own.approve(.authorize, as: "ben", "--export", own.room.ceremony + "/away")
            #expect(inside.status == 2 && inside.stderrText.contains("would lie in the ceremony's own folder"))
            try await export(own, "ben", to: away)
            let twice = try await own.approve(.authorize, as: "ben", "--export", away)
            #expect(twice.status == 2 && twice.stderrText.contains("Name one that does not exist yet"))
            func refused(_ message: String, as name: String = "ben") async throws {
                let taken = try await own.approve(.authorize, as: name, "--import", away)
                #expect(taken.status == 2 && taken.stderrText.contains(message), "\(taken.stderrText)")
                #expect(try own.decision(.authorize, 1, by: name).isEmpty)
            }
            let folder = try DiskFolder(at: away)
            let approval = try folder.read("ben.json")
            func put(_ bytes: [UInt8], as file: String = "ben.json", signedBy name: String = "ben", flags: UInt8? = nil)
                async throws
            {
                try folder.write(bytes, to: file)
                let signature = try await SoftwareAuthenticator.sign(
                    bytes, with: try key(of: name, own), namespace: Mode.rehearsal.gateNamespace, flags: flags)
                try folder.write(signature, to: file + ".sig")
            }
            func changed(_ key: String, _ value: String) throws -> [UInt8] {
                var text = try CanonicalJSON.parse(approval)
                text[key] = .string(value)
                return try CanonicalJSON.encode(text)
            }
            let unsigned = "\(away)/ben.json is not signed: there is no ben.json.sig beside it"
            try await refused(unsigned + ". Have ben sign ben.json, as README.txt there says under 3")
            try folder.write(Array("-".utf8), to: "statement.txt.sig")
            try await refused(
                unsigned + ", and statement.txt.sig is no signature of a decision. Have ben sign ben.json")
            try await refused("holds no decision that carol signed on authorize", as: "carol")
            let file = try await own.approve(.authorize, as: "ben", "--import", away + "/ben.json")
            #expect(
                file.status == 2 && file.stderrText.contains("Name the folder that came back, in which ben.json and"),
                "\(file.stderrText)")
            try await put(approval, signedBy: "carol")
            try await refused("\(away)/ben.json.sig does not count: its signature does not hold")
            try await refused("It was made with carol's key: have ben sign ben.json again, with the key SHA256:")
            try await OwnKeys.sshKeygen("-q", "-t", "ed25519", "-N", "", "-f", away + "/other")
            let stranger = try await SoftwareAuthenticator.sign(
                approval, with: away + "/other", namespace: Mode.rehearsal.gateNamespace)
            try folder.write(stranger, to: "ben.json.sig")
            try await refused("It was made with a key that is nobody's on the roster: have ben sign ben.json again")
            try await put(approval, flags: 0)
            try await refused("\(away)/ben.json.sig does not count: no user presence")
            try await put(approval + [0x0A])
            try await refused("\(away)/ben.json does not count: it is no approval in canonical form")
            try await put(try changed("at", "2001-01-01T00:00:00Z"))
            try await refused("\(away)/ben.json does not count: ben made it outside the statement's validity")
            try await put(try changed("statement", String(repeating: "5", count: 64)))
            try await refused("\(away)/ben.json does not count: it was made for another statement")
            try await put(try changed("decision", "refuse"))
            try await refused("\(away)/ben.json does not count: ben refused without a reason")
            try await put(approval, as: "carol.json")
            try await refused("\(away)/carol.json is ben's, not carol's", as: "carol")
            try await put(approval)
            try await put(
                try changed("at", "2001-01-01T00:00:00Z"), as: "ceremony/" + Approval.path(.authorize, 1, "ben"))
            try await refused("holds two decisions of ben: ben.json and ceremony/approvals/authorize-1/ben.json")
        }
    }
}
