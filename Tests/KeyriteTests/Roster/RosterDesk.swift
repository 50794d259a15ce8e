import Evidence
import Foundation
import TestSupport
import Testing

/// Where people of a test keep their keys, definitions and roster folders: keys made, and used, by ssh-keygen.
struct RosterDesk: Sendable {
    let base: URL

    func path(_ name: String) -> String { base.appending(path: name).path }

    /// Makes a key pair, unless the person has one.
    func makeKey(_ name: String) async throws {
        guard !FileManager.default.fileExists(atPath: path(name)) else { return }
        let made = try await runProcess("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path(name)])
        try #require(made.status == 0, "\(made.stderrText)")
    }

    /// Writes a definition in which each person has the key of the `.pub` file of their name.
    ///
    /// - Parameter people: `NAME ROLE`, or `NAME ROLE KEY` for a key of another name.
    @discardableResult
    func define(_ file: String, _ people: [String], custodiansForChange: Int = 2) async throws -> String {
        var members = ""
        for person in people {
            let words = person.split(separator: " ").map(String.init)
            let key = words.count > 2 ? words[2] : words[0]
            try await makeKey(key)
            members += """
                  - name: \(words[0])
                    role: \(words[1])
                    keyFile: \(key).pub
                    validFrom: 2026-01-01T00:00:00Z
                    validUntil: "2027-01-01T00:00:00Z"

                """
        }
        return try write(file, members, custodiansForChange)
    }

    /// Writes a definition with members as YAML.
    @discardableResult
    func write(_ file: String, _ members: String, _ custodiansForChange: Int = 2) throws -> String {
        let text = """
            schema: keyrite.roster-definition/1
            mode: rehearsal
            members:
            \(members)
            rules:
              authorize: {custodian: 2}
              release: {custodian: 2}
              activate: {custodian: 2}
              close: {custodian: 2, witness: 1}
              change: {custodian: \(custodiansForChange)}
            """
        try Data(text.utf8).write(to: base.appending(path: file))
        return path(file)
    }

    /// What signs without a site remembers it beside the folders.
    func keyrite(_ arguments: String...) async throws -> ProcessOutcome {
        let remembers = arguments.first == "accept" && !arguments.contains("--site")
        return try await CeremonyRoom.keyrite(
            ["roster"] + arguments + (remembers ? ["--memory", path("memory")] : []))
    }

    /// A signature that ssh-keygen makes as `roster show` says it.
    ///
    /// - Returns: Its file.
    func sign(_ folder: String, key: String, namespace: String = "keyrite.roster.v1.rehearsal") async throws -> String {
        let roster = path(folder) + "/roster.json"
        let signature = path("\(key).sig")
        let signed = try await runProcess("ssh-keygen", ["-q", "-Y", "sign", "-n", namespace, "-f", path(key), roster])
        try #require(signed.status == 0, "\(signed.stderrText)")
        try? FileManager.default.removeItem(atPath: signature)
        try FileManager.default.moveItem(atPath: roster + ".sig", toPath: signature)
        return signature
    }

    /// Has a person sign with ssh-keygen, and hand the signature in.
    func accept(_ folder: String, as name: String, key: String? = nil) async throws -> ProcessOutcome {
        try await keyrite(
            "accept", path(folder), "--as", name, "--signature", try await sign(folder, key: key ?? name))
    }

    /// A first roster in the folder `one`, accepted by all.
    func first() async throws {
        try await define("one.yaml", ["ada administrator", "ben custodian", "carol custodian", "wendy witness"])
        let made = try await keyrite("new", "--definition", path("one.yaml"), "--out", path("one"))
        try #require(made.status == 0, "\(made.stderrText)")
        for name in ["ada", "ben", "carol", "wendy"] {
            let accepted = try await accept("one", as: name)
            try #require(accepted.status == 0, "\(accepted.stderrText)")
        }
    }

    func digest(_ folder: String) async throws -> String {
        String(try await runProcess("sha256sum", [path(folder) + "/roster.json"]).stdoutText.prefix(64))
    }
}
