import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Where ssh-keygen does not sign, what it said is shown, and what to do about it is said")
struct SigningFailureTests {
    /// What the authenticator's library fails with (OpenSSH's sk-api.h), what ssh-keygen makes of it, and what is said then.
    static let failures: [(code: Int, said: String, remedy: String)] = [
        (-1, "failed: invalid format", "Mostly nobody touched it in time: run the command again, and touch it when it"),
        (-2, "failed: requested feature not supported", "The authenticator cannot do what the key asks of it"),
        (-3, "failed: incorrect passphrase", "The authenticator wants its PIN, and did not get the right one."),
        (-4, "failed: device not found", "No authenticator that has this key is there. Plug in the one"),
    ]

    @Test("of an authenticator", arguments: failures)
    func authenticator(code: Int, said: String, remedy: String) async throws {
        try await withRoster(ben: "ed25519-sk") { desk in
            let library = desk.path("authenticator.so")
            try FileManager.default.copyItem(atPath: SoftwareAuthenticator.path(), toPath: library)
            try Data("\(code)\n".utf8).write(to: URL(filePath: library + ".code"))
            let failed = try await accept(desk, ["SSH_SK_PROVIDER": library])
            #expect(failed.status == 1)
            #expect(failed.stderrText.contains(said), "\(failed.stderrText)")
            #expect(failed.stderrText.contains("ssh-keygen ended with status"), "\(failed.stderrText)")
            #expect(failed.stderrText.contains(remedy), "\(failed.stderrText)")
        }
    }

    @Test("of its library, which is not there or is none", arguments: ["none.so", "one.yaml"])
    func library(name: String) async throws {
        try await withRoster(ben: "ed25519-sk") { desk in
            let failed = try await accept(desk, ["SSH_SK_PROVIDER": desk.path(name)])
            #expect(failed.status == 1)
            #expect(
                failed.stderrText.contains("SSH_SK_PROVIDER names no library that ssh-keygen can reach"),
                "\(failed.stderrText)")
        }
    }

    @Test("of an authenticator where nobody named a library, and none is plugged in")
    func nothingPluggedIn() async throws {
        try await withRoster(ben: "ed25519-sk") { desk in
            let failed = try await accept(desk, [:])
            #expect(failed.status == 1)
            #expect(failed.stderrText.contains("No authenticator that has this key is there."), "\(failed.stderrText)")
        }
    }

    @Test("of an agent that is not there, and of a key that others can read")
    func agentAndFile() async throws {
        try await withRoster(ben: "ed25519") { desk in
            try #require(chmod(desk.path("ben"), 0o644) == 0)
            let open = try await accept(desk, [:])
            #expect(open.status == 1)
            #expect(open.stderrText.contains("Others can read the key's file"), "\(open.stderrText)")
            try FileManager.default.removeItem(atPath: desk.path("ben"))
            let alone = try await accept(desk, ["SSH_AUTH_SOCK": desk.path("no-agent")], key: "ben.pub")
            #expect(alone.status == 1)
            #expect(alone.stderrText.contains("Your SSH agent does not hold this key"), "\(alone.stderrText)")
        }
    }

    @Test(
        "of what is no key's file, before anything is read",
        arguments: [("", "is no file"), ("none", "cannot be read")])
    func noFile(name: String, said: String) async throws {
        try await withRoster(ben: "ed25519") { desk in
            let failed = try await accept(desk, [:], key: name)
            #expect(failed.status == 2)
            #expect(failed.stderrText.contains(said), "\(failed.stderrText)")
            #expect(!failed.stderrText.contains("ssh-keygen ended"), "\(failed.stderrText)")
        }
    }

    @Test("of a passphrase that nobody could be asked for")
    func passphrase() async throws {
        try await withRoster(ben: "ed25519") { desk in
            let locked = try await runProcess(
                "ssh-keygen", ["-q", "-p", "-P", "", "-N", "never typed", "-f", desk.path("ben")])
            try #require(locked.status == 0, "\(locked.stderrText)")
            let failed = try await accept(desk, [:])
            #expect(failed.status == 1)
            #expect(failed.stderrText.contains("The passphrase was not the key's."), "\(failed.stderrText)")
            #expect(failed.stderrText.contains("It could ask nobody here: run the command at a terminal"))
        }
    }

    @Test("what is said before and after a passphrase is broken between words, on a narrow terminal")
    func narrow() async throws {
        try await withRoster(ben: "ed25519") { desk in
            let locked = try await runProcess(
                "ssh-keygen", ["-q", "-p", "-P", "", "-N", "the right one", "-f", desk.path("ben")])
            try #require(locked.status == 0, "\(locked.stderrText)")
            let ben = try Attendant(
                [
                    "roster", "accept", desk.path("one"), "--as", "ben", "--ssh-key", desk.path("ben"), "--memory",
                    desk.path("memory"),
                ], room: desk.base.path, columns: 40)
            defer { ben.terminal.signal(SIGKILL) }
            try await ben.expect("Page 1 of ")
            ben.terminal.type("e")
            try await ben.expect("Enter: go on")
            ben.terminal.type("\n")
            try await ben.answer("accept, read or back: ", "accept")
            try await ben.expect("That signs nothing yet")
            try await ben.expect("Type read, and read the others: before")
            try await ben.answer("accept, read or back: ", "read")
            _ = try await ben.leafText()
            try await ben.answer("accept, read or back: ", "accept")
            for _ in 0..<3 { try await ben.answer("Enter passphrase", "wrong") }
            #expect(try await ben.terminal.end().status == 1)
            let lines = ben.terminal.shown.split(whereSeparator: \.isNewline)
            for line in [
                "ssh-keygen signs. It may ask for the", "passphrase of your key.", "Nothing was signed.",
                "ssh-keygen asks again; 2 tries are left.",
            ] { #expect(lines.contains(line[...]), "\(ben.terminal.shown)") }
            #expect(
                ben.terminal.words.contains(
                    "since ssh-keygen ended with status 255. The passphrase was not the key's."),
                "\(ben.terminal.words)")
        }
    }

    /// A first roster, in which ben's key is of this type.
    private func withRoster(ben type: String, _ body: (RosterDesk) async throws -> Void) async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            if type.hasSuffix("-sk") { try await SoftwareAuthenticator.enrol(type, at: desk.path("ben")) }
            for name in ["ada", "ben", "carol", "wendy"] { try await desk.makeKey(name) }
            let people = ["ada administrator", "ben custodian", "carol custodian", "wendy witness"].map {
                let words = $0.split(separator: " ")
                return """
                      - name: \(words[0])
                        role: \(words[1])
                        keyFile: \(words[0]).pub
                        validFrom: 2026-01-01T00:00:00Z
                        validUntil: "2027-01-01T00:00:00Z"
                    \(words[0] == "ben" && type.hasSuffix("-sk") ? "    userPresence: touched" : "")

                    """
            }
            try desk.write("one.yaml", people.joined())
            let made = try await desk.keyrite("new", "--definition", desk.path("one.yaml"), "--out", desk.path("one"))
            try #require(made.status == 0, "\(made.stderrText)")
            try await body(desk)
        }
    }

    private func accept(
        _ desk: RosterDesk, _ environment: [String: String], key: String = "ben"
    ) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(
            [
                "roster", "accept", desk.path("one"), "--as", "ben", "--ssh-key", desk.path(key), "--auto", "--memory",
                desk.path("memory"),
            ], environment: environment)
    }
}
