import AWS
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("keyrite reconcile")
struct ReconcileTests {
    private struct Report: Decodable {
        struct Call: Decodable {
            let operation: String
            let request: String?
            let standing: String
        }
        struct Finding: Decodable {
            let kind: String
            let line: Int?
            let words: String
        }
        let verdict: String
        let calls: [Call]
        let findings: [Finding]
        let recorded: Bool?
    }

    private static let example = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../ceremony/example").standardized.path

    private func reconcile(_ room: CeremonyRoom, _ more: String...) async throws -> (Int32, Report) {
        try await reconcile(room, more)
    }

    private func reconcile(_ room: CeremonyRoom, _ more: [String]) async throws -> (Int32, Report) {
        let outcome = try await CeremonyRoom.keyrite(
            ["reconcile", room.ceremony, "--roster", room.rosterDigest, "--expect", "rehearsal", "--format", "json"]
                + more)
        return (outcome.status, try JSONDecoder().decode(Report.self, from: Data(outcome.stdout)))
    }

    /// Holds a ceremony whose process is killed when KMS had rotated, and nothing was on record yet.
    private func holdKilledAtRotation(_ room: CeremonyRoom) async throws {
        try await room.plan()
        for gate in Gate.allCases {
            if gate == .close {
                let killed = try await room.run("--kill-at", "after kms.rotate")
                try #require(killed.status == -9, "\(killed.stderrText)")
            }
            let waiting = try await room.run()
            try #require(waiting.status == 3, "\(waiting.stderrText)")
            try await room.approve(gate)
        }
        let closed = try await room.run()
        try #require(closed.status == 0, "\(closed.stderrText)")
    }

    @Test(
        "agrees with AWS's record of a ceremony as it was held, and tells apart what was hidden, forged, changed and replayed"
    )
    func held() async throws {
        try await CeremonyRoom.with { room in
            try await holdKilledAtRotation(room)
            let site = ["--site", room.room.siteFile]
            let (early, waiting) = try await reconcile(room, site + ["--record"])
            #expect(early == 3 && waiting.recorded == false)
            try await expectNothingToCome(of: site, in: room)
            #expect(throws: EvidenceError.self) { try room.read(ReconciliationFile.path) }
            let before = Evidence.Timestamp(epochSeconds: Int64(Date().timeIntervalSince1970))
            try await room.moveClock(seconds: Self.afterDelivery)
            let (agreed, all) = try await reconcile(room, site + ["--record"])
            #expect(agreed == 0 && all.recorded == true)
            let recorded = try room.read(ReconciliationFile.path)
            #expect(try await verify(room) == (0, true))
            #expect(all.findings.isEmpty && all.verdict == "verified")
            #expect(
                all.calls.map(\.operation) == [
                    "GetParametersForImport", "GetParametersForImport", "ImportKeyMaterial", "ImportKeyMaterial",
                    "RotateKeyOnDemand", "RotateKey",
                ])
            // That it was rotated was found by looking, so its event is found without a request id.
            #expect(all.calls.allSatisfy { $0.standing == "matched" })
            #expect(all.calls.map { $0.request != nil } == [true, true, true, true, false, false])

            let record = try room.record()
            try await expectLocked(room)
            let imported = try #require(record.transcript.lines.first { $0.event.kind == .imported }?.at)
            let mallory = "arn:aws:iam::111122223333:user/mallory"
            try await room.administer([
                "action": "forge-event", "operation": "ImportKeyMaterial", "key": record.plan.slots[0].key,
                "identity": mallory,
                "seconds": Double(imported.epochSeconds) - Date().timeIntervalSince1970 - Self.afterDelivery,
            ])
            func rule(_ call: Int, _ more: [String: Any]) -> [String: Any] {
                more.merging(["requestId": all.calls[call].request ?? ""]) { $1 }
            }
            try await room.administer([
                "action": "set-faults",
                "events": [
                    rule(0, ["fault": "replay"]), rule(2, ["fault": "identity", "identity": mallory]),
                    ["fault": "hide", "operation": "RotateKeyOnDemand"],
                ],
            ])
            let (status, found) = try await reconcile(room, site + ["--as-of", "\(before)"])
            #expect(status == 5 && found.recorded == nil)
            #expect(
                found.findings.map(\.kind).sorted() == [
                    "not-yet", "not-yet", "other-identity", "replayed", "unexpected",
                ])
            #expect(found.findings.contains { $0.kind == "other-identity" && $0.words.contains(mallory) })
            let (_, over) = try await reconcile(room, site)
            #expect(over.findings.map(\.kind).sorted() == ["missing", "other-identity", "replayed", "unexpected"])
            try await expectRecording(of: recorded, in: room, before: before)
            try await expectBeyondReach(room)
        }
    }

    /// What LookupEvents tells of no more is asked of it by nobody, rather than found missing.
    private func expectBeyondReach(_ room: CeremonyRoom) async throws {
        try await room.moveClock(seconds: 90 * 86_400)
        let outcome = try await CeremonyRoom.keyrite(
            ["reconcile", room.ceremony, "--roster", room.rosterDigest, "--site", room.room.siteFile])
        #expect(outcome.status == 2 && outcome.stdout.isEmpty)
        #expect(outcome.stderrText.contains("LookupEvents tells of nothing before "), "\(outcome.stderrText)")
        #expect(outcome.stderrText.contains("with --events"))
    }

    /// So long after a ceremony CloudTrail has delivered all of it.
    private static let afterDelivery = 1500.0

    /// An export without events.
    private static func exportedNothing(_ room: CeremonyRoom) throws -> [String] {
        let events = room.base.appending(path: "exported.json")
        try Data(#"{"Records":[]}"#.utf8).write(to: events)
        return ["--events", events.path]
    }

    /// Nobody has seen what is yet to come: by CloudTrail's clock where that is asked, else by this host's.
    private func expectNothingToCome(of site: [String], in room: CeremonyRoom) async throws {
        let soon = Evidence.Timestamp(epochSeconds: Int64(Date().timeIntervalSince1970) + 60)
        for (source, time, words) in [
            (site, "\(soon)", "CloudTrail was asked at "),
            (try Self.exportedNothing(room), "2126-11-26T18:00:00Z", "by this host's clock it is "),
        ] {
            let outcome = try await CeremonyRoom.keyrite(
                ["reconcile", room.ceremony, "--roster", room.rosterDigest, "--as-of", time, "--record"] + source)
            #expect(outcome.status == 2 && outcome.stdout.isEmpty)
            #expect(outcome.stderrText.contains(" is yet to come: " + words), "\(outcome.stderrText)")
        }
    }

    /// An export with an event of KMS there, though none of the ceremony's.
    private static func exportedOther(_ room: CeremonyRoom, at time: Evidence.Timestamp) throws -> [String] {
        let events = room.base.appending(path: "other.json")
        try Data(
            #"{"eventSource":"kms.amazonaws.com","awsRegion":"eu-central-1","recipientAccountId":"111122223333","eventTime":"\#(time)","eventName":"ListKeys"}"#
                .utf8
        ).write(to: events)
        return ["--events", events.path]
    }

    /// What is on record is compared and replaced with nobody else at it.
    private func expectLocked(_ room: CeremonyRoom) async throws {
        let lock = try DiskFolder(at: room.ceremony).lock()
        defer { withExtendedLifetime(lock) {} }
        let now = Evidence.Timestamp(epochSeconds: Int64(Date().timeIntervalSince1970))
        let outcome = try await CeremonyRoom.keyrite(
            ["reconcile", room.ceremony, "--roster", room.rosterDigest, "--record", "--as-of", "\(now)"]
                + (try Self.exportedOther(room, at: now)))
        #expect(outcome.status == 1)
        #expect(outcome.stderrText.contains("Another keyrite run works on "), "\(outcome.stderrText)")
    }

    /// With what is hidden or changed now, nothing takes the place of what is on record; with all of that and more, it does,
    /// once it was seen later.
    private func expectRecording(of recorded: [UInt8], in room: CeremonyRoom, before: Evidence.Timestamp) async throws {
        let arguments = ["--site", room.room.siteFile, "--record"]
        // That nothing is recorded does not hide what was found.
        let (unrecorded, otherwise) = try await reconcile(room, arguments)
        #expect(unrecorded == 5 && otherwise.recorded == false)
        try await room.administer(["action": "set-faults", "events": [Any]()])
        let earlier = before.advanced(bySeconds: 1000)
        #expect(try await reconcile(room, arguments + ["--as-of", "\(earlier)"]).0 == 5)
        let anybodys = try await CeremonyRoom.keyrite(["reconcile", room.ceremony] + arguments)
        #expect(anybodys.status == 2 && anybodys.stderrText.contains("--roster"))
        #expect(try room.read(ReconciliationFile.path) == recorded)
        let (status, found) = try await reconcile(room, arguments)
        #expect(status == 5 && found.findings.map(\.kind) == ["unexpected"])
        #expect(try room.read(ReconciliationFile.path) != recorded)
        #expect(try await verify(room) == (5, false))
    }

    /// How keyrite verify ends, and whether AWS's record agrees.
    private func verify(_ room: CeremonyRoom) async throws -> (Int32, Bool) {
        let outcome = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
        return (outcome.status, outcome.stdoutText.contains("  AGREED: 6 of 6 calls have their event"))
    }

    @Test(
        "finds what another did to the key in the midst of a ceremony, says it on a screen, and knows nothing of a changed transcript"
    )
    func interfered() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            _ = try await room.run()
            let key = try room.record().plan.slots[0].key
            _ = try await room.room.client().createAlias(.init(aliasName: "alias/mallory", targetKeyID: key))
            let early = try await CeremonyRoom.keyrite([
                "reconcile", room.ceremony, "--site", room.room.siteFile, "--record",
            ])
            #expect(early.status == 1 && early.stderrText.contains("The ceremony is not closed"))
            try await room.holdPlanned()
            let outcome = try await CeremonyRoom.keyrite([
                "reconcile", room.ceremony, "--roster", room.rosterDigest, "--site", room.room.siteFile,
            ])
            #expect(outcome.status == 5)
            #expect(
                outcome.stdoutText.contains("\nunexpected      CreateAlias by arn:aws:iam::111122223333:user/rehearsal")
            )
            let lines: [Substring] = outcome.stdoutText.split(separator: "\n")
            #expect(lines.dropLast().allSatisfy { $0.count <= 80 })
            #expect(outcome.stdoutText.contains("\nNOT AGREED: 6 of 6 calls have their event, of "))

            let path = room.ceremony + "/" + Transcript.path
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try Data(text.replacing("\"kind\":\"imported\"", with: "\"kind\":\"proved\"").utf8).write(
                to: URL(filePath: path))
            let refused = try await CeremonyRoom.keyrite(["reconcile", room.ceremony, "--events", room.base.path])
            #expect(refused.status == 4)
            #expect(refused.stdout.isEmpty)
        }
    }

    @Test(
        "says why events tell nothing, and puts none of another account or Region on record, whatever is said of them")
    func elsewhere() async throws {
        try await withTemporaryFolder { base in
            let folder = base.appending(path: "ceremony")
            try FileManager.default.copyItem(at: URL(filePath: Self.example), to: folder)
            let roster = SHA256Digest(of: Array(try Data(contentsOf: folder.appending(path: Roster.path)))).hex
            let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).count
            func refused(_ more: [String], _ words: [String], status: Int32 = 2) async throws {
                let outcome = try await CeremonyRoom.keyrite(
                    ["reconcile", folder.path, "--roster", roster, "--record"] + more)
                #expect(outcome.status == status && outcome.stdout.isEmpty)
                for words in words { #expect(outcome.stderrText.contains(words), "\(outcome.stderrText)") }
                #expect(!outcome.stderrText.contains("--as-of"))
            }
            let events = base.appending(path: "events")
            try FileManager.default.createDirectory(at: events, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: events.appending(path: "a.json"))
            try Data().write(to: events.appending(path: "b.json.gz"))
            let now = Evidence.Timestamp(epochSeconds: Int64(Date().timeIntervalSince1970))
            for said in [[], ["--as-of", "\(now)"]] {
                try await refused(
                    ["--events", events.path] + said,
                    [
                        "unreadable: \(events.path)/b.json.gz: not read: it is empty",
                        "unreadable: \(events.path)/a.json: record 1: ", "--events: of 1 records none",
                        "account 111122223333, Region eu-central-1; look whether it is the right account",
                    ])
            }
            let site = base.appending(path: "site.yaml")
            try Data(
                """
                schema: keyrite.site/1
                mode: rehearsal
                aws:
                  region: us-east-1
                  endpoint: "http://127.0.0.1:1"
                hsm:
                  socket: /nonexistent
                  token: "pkcs11:token=keyrite-hsm"
                signers:
                  ada: "pkcs11:token=keyrite-ada"
                memory: \(base.path)
                """.utf8
            ).write(to: site)
            try await refused(
                ["--site", site.path],
                ["This site is not the plan's: the Region is us-east-1, planned was eu-central-1"], status: 1)
            #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path).count == files)
        }
    }

    @Test("wants to be told where the events are, and is told what is wrong with them")
    func usage() async throws {
        for arguments in [["reconcile", "X"], ["reconcile", "X", "--events", "a", "--site", "b"]] {
            #expect(try await CeremonyRoom.keyrite(arguments).status == 2)
        }
        let missing = try await CeremonyRoom.keyrite([
            "reconcile", Self.example, "--events", "/nonexistent",
        ])
        #expect(missing.status == 2)
        #expect(
            missing.stderrText
                == "keyrite: /nonexistent: there is no such file or folder; name events that were exported\n")
    }
}
