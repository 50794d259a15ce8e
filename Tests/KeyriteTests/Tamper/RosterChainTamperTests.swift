import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A ceremony that was held by a later roster")
struct RosterChainTamperTests {
    /// The room's first roster, and a second in which dan has a key of ssh-keygen's erin comes as auditor
    /// and zoe as second witness.
    private static func rosters(of room: RehearsalSite, keys: URL) async throws -> [String: [UInt8]] {
        let first = try Roster(json: room.rosterBytes)
        func member(_ name: String, _ role: Role) async throws -> Member {
            let file = keys.appending(path: name).path
            let made = try await runProcess("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file])
            try #require(made.status == 0, "\(made.stderrText)")
            let line = try String(contentsOfFile: file + ".pub", encoding: .utf8).split(separator: " ").prefix(2)
            let (from, until) = (first.members[0].validFrom, first.members[0].validUntil)
            return Member(
                name: name, role: role, key: line.joined(separator: " "), validFrom: from, validUntil: until)
        }
        let newcomers = [
            try await member("dan", .custodian), try await member("erin", .auditor), try await member("zoe", .witness),
        ]
        let second = Roster(
            mode: .rehearsal, sequence: 2, previous: SHA256Digest(of: room.rosterBytes),
            members: first.members.filter { $0.name != "dan" } + newcomers, rules: first.rules)
        let bytes = try second.json()
        var files = [Roster.path: bytes, RosterPlace.earlier(1).file: room.rosterBytes]
        for member in first.members {
            files[RosterPlace.earlier(1).acceptance(of: member)] = room.acceptances[member.name]
        }
        for member in first.members where member.role == .custodian {
            files[RosterPlace.current.consent(of: member)] = try await room.site.signer(of: member.name).sign(
                bytes, namespace: second.mode.rosterNamespace)
        }
        for member in newcomers {
            let signed = try await runProcess(
                "ssh-keygen",
                ["-q", "-Y", "sign", "-f", keys.appending(path: member.name).path, "-n", second.mode.rosterNamespace],
                input: bytes)
            try #require(signed.status == 0, "\(signed.stderrText)")
            files[RosterPlace.current.acceptance(of: member)] = signed.stdout
        }
        return files
    }

    /// Holds the ceremony, and lends a copy of its folder for each thing that is done to it.
    private static func withCeremony(
        _ body: (RehearsedCeremony, _ copy: (SHA256Digest?) throws -> TamperedFolder) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { base in
            let held = try await RehearsedCeremony.hold(
                at: base.appending(path: "r"), rosters: { try await rosters(of: $0, keys: base) },
                seed: { room in
                    try await room.seedExternalKey(alias: "alias/payments-production")
                    return [DefinedKey(alias: "alias/payments-production", strategy: .rotate, proof: true)]
                })
            defer { held.room.stop() }
            try await body(held) { anchor in
                let path = base.appending(path: UUID().uuidString).path
                try FileManager.default.copyItem(atPath: held.folder.root, toPath: path)
                return TamperedFolder(ceremony: held, folder: try DiskFolder(at: path), anchor: anchor)
            }
        }
    }

    @Test(
        "verifies by the digest of the first roster and of its own, and by no other; whatever of the chain is changed shows"
    )
    func chain() async throws {
        try await Self.withCeremony { held, copy in
            let (first, second) = (held.roster, SHA256Digest(of: try held.folder.read(Roster.path)))
            for anchor in [first, second] { try await copy(anchor).expectVerdict("VERIFIED") }
            try await copy(nil).expectVerdict("CONSISTENT, NOT TRUSTED")
            try await copy(SHA256Digest(of: [])).expectRefusal(at: Roster.path)
            try await expectTable(of: copy(first), "roster 1 of 2")
            try await expectTable(of: copy(second), "roster 2 of 2")

            let files = try held.folder.files().filter { $0.hasPrefix("roster") }.sorted()
            #expect(files.count == 13)
            for form in Tampering.Sloppiness.armors {
                let changed = try copy(second)
                try changed.change("roster/change/ben.sig", form.change)
                try await changed.expectRefusal(at: "roster/change/ben.sig")
            }
            for path in files {
                // The last byte of JSON, or of the base64 of a signature.
                let changed = try copy(path.hasPrefix("rosters/") ? second : first)
                try changed.change(path) { bytes in
                    let index = bytes.count - (path.hasSuffix(".json") ? 1 : 40)
                    bytes[index] ^= 1
                }
                try await changed.expectRefusal(at: path)
                let missing = try copy(path.hasPrefix("rosters/") ? second : first)
                try missing.folder.remove(path)
                try await missing.expectRefusal(at: path)
            }
        }
    }

    @Test("is closed by one of two witnesses, and not without one")
    func oneOfTwoWitnesses() async throws {
        try await Self.withCeremony { held, copy in
            let roster = try Roster(json: try held.folder.read(Roster.path))
            #expect(roster.members.filter { $0.role == .witness }.map(\.name) == ["wendy", "zoe"])
            let files = try held.folder.files().filter { $0.hasPrefix("approvals/close-1/") }.sorted()
            #expect(files.contains("approvals/close-1/wendy.json.sig") && !files.contains { $0.contains("zoe") })
            let second = SHA256Digest(of: try held.folder.read(Roster.path))
            try await copy(second).expectVerdict("VERIFIED")
            let without = try copy(second)
            for file in files where file.contains("wendy") { try without.folder.remove(file) }
            try await without.expectRefusal(at: "approvals/close-1/wendy.json")
        }
    }

    @Test("no signature, no roster can be added to the chain or exchanged in it")
    func added() async throws {
        try await Self.withCeremony { held, copy in
            let room = held.room
            let bytes = try held.folder.read(Roster.path)
            let second = SHA256Digest(of: bytes)
            for (name, path) in [
                ("ben", "roster/ben.sig"), ("ada", "roster/change/ada.sig"), ("wendy", "roster/change/wendy.sig"),
                ("ben", "roster/change/ben2.sig"), ("ben", "rosters/1/change/ben.sig"), ("ben", "rosters/2/ben.sig"),
            ] {
                let copy = try copy(second)
                let signature = try await room.site.signer(of: name).sign(
                    bytes, namespace: Mode.rehearsal.rosterNamespace)
                try copy.folder.write(signature, to: path)
                try await copy.expectRefusal(at: path)
            }
            for path in ["rosters/2.json", "rosters/3.json", "rosters/0.json", "roster/roster.json"] {
                let copy = try copy(second)
                try copy.folder.write(bytes, to: path)
                try await copy.expectRefusal(at: path)
            }
            // A day more in the first roster: it is in its one form, and nobody signed it.
            let later = try copy(second)
            try later.change("rosters/1.json") { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                let until = try Roster(json: bytes).members[0].validUntil
                bytes = Array(text.replacing("\(until)", with: "\(until.advanced(bySeconds: 86_400))").utf8)
            }
            try await later.expectRefusal(at: "rosters/1/ada.sig")
            // The digest that was carried outside is of no roster that the chain has.
            let beside = try copy(SHA256Digest(of: Array("other".utf8)))
            try beside.folder.write(Array("other".utf8), to: "rosters/2.json")
            try await beside.expectRefusal(at: Roster.path)
            // dan's old key in place of his new one, and the new one in place of the old.
            for (path, other) in [
                ("roster/dan.sig", "roster/change/dan.sig"), ("roster/change/dan.sig", "roster/dan.sig"),
            ] {
                let copy = try copy(second)
                try copy.folder.write(try copy.folder.read(other), to: path)
                try await copy.expectRefusal(at: path)
            }
        }
    }

    private func expectTable(of copy: TamperedFolder, _ which: String) async throws {
        let anchor = try #require(copy.anchor).hex
        let ours = try await CeremonyRoom.keyrite(["verify", copy.folder.root, "--roster", anchor])
        let script = try await runProcess("dash", [TamperedFolder.script, copy.folder.root, "--roster", anchor])
        #expect(ours.stdoutText == script.stdoutText)
        let current = SHA256Digest(of: try copy.folder.read(Roster.path)).hex
        let isCurrent = anchor == current
        for (text, isSaid) in [
            ("by the roster that you named, and is closed.\n", isCurrent),
            ("by roster 2, and is closed. You named roster 1, from which roster 2 follows by\n", !isCurrent),
            ("The SHA-256 of roster 2 is\n  \(current)\n", !isCurrent),
        ] { #expect(ours.stdoutText.contains(text) == isSaid, "\(ours.stdoutText)") }
        for text in [ours.stdoutText, script.stdoutText] {
            let lines = text.split(separator: "\n").filter { $0.hasPrefix("signed") }
            for what in [which, "rosters/1/*.sig", "1 change of the roster"] {
                #expect(lines.contains { $0.contains(" \(what) ") }, "\(what): \(text)")
            }
        }
    }
}
