import AWS
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A closed ceremony is stamped by the authority that the site names")
struct TimeStampCommandTests {
    @Test("when it closes, or later where there was none to be had then; and then never again")
    func stamped() async throws {
        try await CeremonyRoom.with { room in
            let authority = try await TestAuthority.make(in: room.base.appending(path: "authority"))
            let site = room.base.path + "/site.yaml"
            try Self.write(site, room, "http://127.0.0.1:1", authority)
            let early = try await CeremonyRoom.keyrite(["timestamp", room.room.root, "--site", site])
            #expect(early.status == 2, "\(early.stderrText)")
            #expect(early.stderrText.contains(" is no ceremony's folder: "), "\(early.stderrText)")
            try await room.plan()
            for gate in Gate.allCases {
                #expect(try await CeremonyRoom.keyrite(["run", room.ceremony, "--site", site]).status == 3)
                let open = try await CeremonyRoom.keyrite(["timestamp", room.ceremony, "--site", site])
                #expect(open.status == 1)
                #expect(open.stderrText.contains("The ceremony is not closed"), "\(open.stderrText)")
                try await room.approve(gate)
            }
            let closed = try await CeremonyRoom.keyrite(["run", room.ceremony, "--site", site])
            #expect(closed.status == 0, "\(closed.stderrText)")
            #expect(closed.stderrText.contains("There is no time stamp yet: "), "\(closed.stderrText)")
            let asked = try room.read("timestamp.tsq")
            try await Self.expect(room, "asserted    timestamp.tsq", [])

            try await authority.serve { url in
                try Self.write(site, room, url + "/stamp?token=passe-partout", authority)
                let later = try #require(
                    closed.stderrText.split(separator: "\n").first { $0.hasPrefix("To ask later: ") })
                let run = try await runProcess("sh", ["-c", String(later.dropFirst("To ask later: ".count))])
                #expect(run.status == 0, "\(run.stderrText)")
                #expect(run.stderrText.contains("The authority's signature holds."), "\(run.stderrText)")
                #expect(try room.read("timestamp.tsq") == asked)
            }
            let answer = try room.read("timestamp.tsr")
            for command in ["timestamp", "run"] {
                let again = try await CeremonyRoom.keyrite([command, room.ceremony, "--site", site])
                #expect(again.status == 0, "\(again.stderrText)")
                #expect(again.stderrText.contains("It was stamped already, at "), "\(again.stderrText)")
            }
            #expect(try room.read("timestamp.tsr") == answer)
            try await Self.expect(
                room, "signed      timestamp.tsr", ["--timestamp-ca", authority.certificates])
        }
    }

    /// Both verifiers print the same, and this row is in it.
    private static func expect(_ room: CeremonyRoom, _ row: String, _ more: [String]) async throws {
        let arguments = [room.ceremony, "--roster", room.rosterDigest] + more
        let ours = try await CeremonyRoom.keyrite(["verify"] + arguments)
        let script = try await runProcess("dash", [TamperedFolder.script] + arguments)
        #expect(ours.status == 0)
        #expect(ours.stdoutText == script.stdoutText)
        #expect(ours.stdoutText.contains("\n\(row) "), "\(ours.stdoutText)")
    }

    private static func write(
        _ file: String, _ room: CeremonyRoom, _ url: String, _ authority: TestAuthority
    ) throws {
        let text = room.room.site.yaml + "\ntimestamp:\n  url: \"\(url)\"\n  caFile: \"\(authority.certificates)\"\n"
        try Data(text.utf8).write(to: URL(filePath: file))
    }
}

extension Tampering {
    @Suite("An authority that gives no stamp leaves the ceremony closed and asked for")
    struct TimeStampingTests {
        @Test(
            "whatever it does instead",
            arguments: [
                ("/refuse", "did not grant it"), ("/other", "is over something else"), ("/large", "over 64 KiB"),
                ("/fail", "HTTP status 503"), ("/hang", "no answer within 0.5 s"),
                ("/stamp?token=passe-partout", "did not sign it so"),
            ])
        func unanswered(path: String, reason: String) async throws {
            try await withAuthority { copy, authority, url in
                let other = try await TestAuthority.make(in: authority.folder.appending(path: "unnamed"))
                let site = try Self.site(copy, url + path, other)
                let error = await #expect(throws: CeremonyError.self) {
                    try await TimeStamping(of: copy.folder, at: site, timeout: path == "/hang" ? 0.5 : 30).stamp()
                }
                let said = try #require(error).description
                #expect(said.contains(reason), "\(said)")
                #expect(said.contains("The ceremony is closed as it is"))
                #expect(!said.contains("passe-partout"))
                #expect(try !copy.folder.files().contains("timestamp.tsr"))
                try await copy.expectVerdict("VERIFIED")

                let stamped = try await TimeStamping(
                    of: copy.folder, at: try Self.site(copy, url + "/stamp?token=passe-partout", authority)
                ).stamp()
                #expect(stamped.isChecked && !stamped.isOld)
                var copy = copy
                copy.authorities = authority.certificates
                try await copy.expectVerdict("VERIFIED")
            }
        }

        @Test("an answer that does not hold is never taken for one, nor overwritten")
        func bad() async throws {
            try await withAuthority { copy, authority, url in
                let site = try Self.site(copy, url + "/stamp?token=passe-partout", authority)
                _ = try await TimeStamping(of: copy.folder, at: site).stamp()
                try copy.change("timestamp.tsr") { $0[$0.count - 1] ^= 1 }
                let before = try copy.folder.read("timestamp.tsr")
                await #expect(throws: EvidenceError.self) { try await TimeStamping(of: copy.folder, at: site).stamp() }
                #expect(try copy.folder.read("timestamp.tsr") == before)
            }
        }

        @Test("a folder that does not hold is not stamped")
        func tampered() async throws {
            try await withAuthority { copy, authority, url in
                try copy.change("exhibits/seal.txt") { $0.append(0) }
                let site = try Self.site(copy, url + "/stamp?token=passe-partout", authority)
                await #expect(throws: EvidenceError.self) { try await TimeStamping(of: copy.folder, at: site).stamp() }
                #expect(try !copy.folder.files().contains("timestamp.tsq"))
            }
        }

        private func withAuthority(
            _ body: (TamperedFolder, TestAuthority, String) async throws -> Void
        ) async throws {
            try await withCopy { copy in
                let base = URL(filePath: copy.folder.root).deletingLastPathComponent()
                let authority = try await TestAuthority.make(in: base.appending(path: "authority"))
                let other = try await authority.query(over: String(repeating: "ab", count: 32))
                try Data(other).write(to: authority.folder.appending(path: "other.tsq"))
                try await authority.serve { try await body(copy, authority, $0) }
            }
        }

        private static func site(_ copy: TamperedFolder, _ url: String, _ authority: TestAuthority) throws -> Site {
            let site = copy.ceremony.room.site
            return Site(
                mode: site.mode, access: site.access, quotas: site.quotas, module: site.module, token: site.token,
                signers: site.signers, memory: site.memory,
                timestamp: try SiteTimeStamp(url: url, caFile: authority.certificates))
        }
    }
}
