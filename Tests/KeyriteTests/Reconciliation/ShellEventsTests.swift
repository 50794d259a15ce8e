import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// An event that one verifier reads otherwise than the other, or matches with another call, would agree for the one and not for the
/// other.
@Suite("Both verifiers say the same of an event, and of what follows from it")
struct ShellEventsTests {
    @Test("whatever stands in the fields that are looked at, under the summary of before")
    func fields() async throws {
        try await RecordedFolder.with { copy in
            let events = try Self.plain(copy)
            let lines = try copy.lines()
            var seen: Set<[String]> = []
            let cases = events.enumerated().flatMap { index, event in
                event.places().filter { Self.isLookedAt($0) && seen.insert([event["eventName"].text] + $0).inserted }
                    .flatMap {
                        place in
                        event.value(at: place).otherwise.map { other in
                            var changed = lines
                            changed[index + 1] = Self.line(event.setting(place, to: other))
                            return changed
                        }
                    }
            }
            #expect(cases.count > 1_000)
            try await expectSame(of: [lines] + cases, in: copy)
        }
    }

    @Test("whatever follows from an event that says something else, another event's values or those of none")
    func consequences() async throws {
        try await RecordedFolder.with { copy in
            let record = try copy.record
            let events = try Self.plain(copy)
            let read = try events.map { try AWSEvent(Self.text($0)) }
            var words = Self.words
            for event in events {
                for place in event.places() where Self.isLookedAt(place) {
                    words[place[place.count - 1], default: []].insert(event.value(at: place))
                }
            }
            var cases: [[JSONValue]] = []
            for (index, event) in events.enumerated() {
                for place in event.places() where Self.isLookedAt(place) {
                    for other in [nil] + (words[place[place.count - 1]] ?? []).map(Optional.some) {
                        guard let changed = try? AWSEvent(Self.text(event.setting(place, to: other))) else { continue }
                        // In place of the event, and beside it.
                        for all in [read.enumerated().map { $0 == index ? changed : $1 }, read + [changed]] {
                            var reconciliation = try #require(Reconciliation(of: record))
                            for event in all { try reconciliation.take(event) }
                            let report = reconciliation.report(asOf: try #require(Timestamp("2026-11-26T18:00:00Z")))
                            let summary = try RecordedReconciliation(report, of: record, source: .exported, records: 9)
                            let file = try ReconciliationFile.encode(summary, report)
                            cases.append(
                                try file.split(separator: UInt8(ascii: "\n")).map { try CanonicalJSON.parse(Array($0)) }
                            )
                        }
                    }
                }
            }
            #expect(cases.count > 500)
            let verdicts = try await expectSame(of: cases, in: copy)
            #expect(verdicts.allSatisfy { $0.contains("AGREED: ") })
            for kind in ["missing", "unexpected", "other-identity", "differs", "unreadable-expiry", "replayed"] {
                #expect(verdicts.contains { $0.contains(" \(kind)") }, "\(kind)")
            }
        }
    }

    /// Values that no event of the example has.
    private static let words: [String: Set<JSONValue>] = [
        "eventName": ["PutKeyPolicy", "RotateKey", "Decrypt", "CreateKey", "CreateAlias"],
        "eventTime": ["2026-11-26T17:00:00Z", "2026-11-26T17:24:00Z", "2026-11-26T17:26:00Z"],
        "errorCode": ["ThrottlingException"], "awsRegion": ["eu-west-1"], "recipientAccountId": ["444455556666"],
        "invokedBy": ["AWS Internal", "x.amazonaws.com"], "requestID": ["2"], "eventID": ["2"],
        "importType": ["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"],
        "keyMaterialId": ["a", .string(Forger.otherDigest)],
        "expirationModel": ["KEY_MATERIAL_EXPIRES", "x"], "validTo": ["May 21, 2027, 5:47:45 AM", 1_810_000_000],
    ]

    private static let lookedAt: Set<String> = [
        "eventID", "eventName", "eventSource", "eventTime", "awsRegion", "recipientAccountId", "requestID",
        "userIdentity",
        "errorCode", "requestParameters", "responseElements", "serviceEventDetails", "resources",
    ]

    private static func isLookedAt(_ place: [String]) -> Bool {
        place.first.map(lookedAt.contains) == true && !place.contains("sessionContext")
    }

    /// The events without what is null in them, and with what an import is told of its expiry.
    private static func plain(_ copy: RecordedFolder) throws -> [JSONValue] {
        let events = try copy.events().map { event in
            let object = try JSONSerialization.jsonObject(with: Data(event.utf8))
            let whole = try JSONSerialization.data(
                withJSONObject: withoutNulls(object), options: [.sortedKeys, .withoutEscapingSlashes])
            return try JSONDecoder().decode(JSONValue.self, from: whole)
        }
        try copy.record(try events.map { String(decoding: try text($0), as: UTF8.self) }, records: 9)
        return try copy.lines().dropFirst().map {
            try JSONDecoder().decode(JSONValue.self, from: Data(try PercentEncoding.decode($0["record"].text).utf8))
        }
    }

    private static func withoutNulls(_ value: Any) -> Any {
        if let members = value as? [String: Any] {
            return members.filter { !($0.value is NSNull) }.mapValues(withoutNulls)
        }
        return (value as? [Any])?.map(withoutNulls) ?? value
    }

    private static func text(_ event: JSONValue) throws -> [UInt8] { try CanonicalJSON.encode(event) }

    private static func line(_ event: JSONValue) -> JSONValue {
        RecordedFolder.line(String(decoding: (try? text(event)) ?? [], as: UTF8.self))
    }

    /// - Returns: What both say.
    @discardableResult
    private func expectSame(
        of cases: [[JSONValue]], in copy: RecordedFolder, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        async let asked = answers(to: cases, in: copy)
        let record = try copy.record
        let ours = try cases.map { lines in
            let bytes = try lines.flatMap { try CanonicalJSON.encode($0) + [UInt8(ascii: "\n")] }
            do { return try ReconciliationFile.check(bytes, of: record).words } catch {
                let error = error as? EvidenceError
                return "\(error?.line ?? 0): \(Judgement.sentence(error?.reason ?? ""))"
            }
        }
        let theirs = try await asked
        try #require(theirs.count == cases.count, sourceLocation: sourceLocation)
        let differing = zip(cases, zip(ours, theirs)).filter { $1.0 != $1.1 }
        var kinds: Set<[String]> = []
        let words = differing.filter { kinds.insert([$1.0, $1.1]).inserted }.prefix(8).map { lines, said in
            "keyrite: \(said.0)\nverify.sh: \(said.1)\n\(lines.map { $0["record"].text }.joined(separator: "\n"))"
        }
        #expect(
            differing.isEmpty, "\(differing.count): \(words.joined(separator: "\n"))", sourceLocation: sourceLocation)
        return ours
    }

    private func answers(to cases: [[JSONValue]], in copy: RecordedFolder) async throws -> [String] {
        let folder = try TemporaryFolder()
        let rules = try VerifyScript.rules("words", "kinds", "shapes", "terms", "reconciliation.jsonl")
        let filter = """
            transcript_calls as $read | characters as $characters | $cases[] as $lines
            | ([range(1; $lines | length) | select($lines[.].record | unsaid($characters) | is_event_text | not)][0]) as $misfit
            | if $misfit != null then "\\($misfit + 1): its record is no event of CloudTrail's: it is not JSON" else
                reconciled($lines; $read)
                | if .refused == null then [.texts[] | select(.[0] == "row") | .[1]][0]
                  else .refused | "\\(.place // ":0" | split(":")[1]): \\(.reason | split("; ")[0])" end
              end
            """
        let program = try folder.write(Array("\(rules)\n\(filter)\n".utf8), to: "rules.jq")
        let asked = try cases.map { try CanonicalJSON.encode(JSONValue.array($0)) }
        let file = try folder.write(Array(asked.joined(separator: Array("\n".utf8))), to: "cases")
        let root = copy.folder.root + "/"
        let facts = ["digests", "head", "lines", "planDigest", "recorded"].flatMap { ["--argjson", $0, "\"\""] }
        let run = try await runProcess(
            "jq",
            ["-rn"] + facts + [
                "--slurpfile", "cases", file, "--slurpfile", "plan", root + Plan.path, "--slurpfile", "roster",
                root + Roster.path, "-f", program, root + Transcript.path,
            ])
        try #require(run.status == 0, "\(run.stderrText.prefix(2_000))")
        return run.stdoutText.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
