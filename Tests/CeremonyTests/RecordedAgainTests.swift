import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Testing

/// What may take the place of what is on record of AWS's own record.
@Suite("AWS's own record, on record again")
struct RecordedAgainTests {
    private typealias Members = [String: Any]

    /// A closed ceremony, the events of its calls, and one of somebody else's that is not within the ceremony's time, which
    /// only shows once AWS's clock is known by those.
    private struct Held {
        let room: TestRoom
        let record: Record
        let calls: [Members]
        var strangers: Members
        /// What is found of the calls alone: two of the fake KMS's answers have one request id.
        let usual: [ReconciliationFinding.Kind]
        let asOf: Timestamp

        init() async throws {
            room = try await TestRoom.ready()
            try await room.advance()
            record = try await room.record()
            let (lines, first) = (record.transcript.lines, try #require(Reconciliation(of: record)).calls[0])
            calls = try #require(Reconciliation(of: record)).calls.enumerated().map { [record] in
                ReconciledTests.event($1, $0, record)
            }
            strangers = ReconciledTests.event(first, 99, record)
            strangers["eventName"] = "PutKeyPolicy"
            strangers["requestID"] = "0"
            strangers["userIdentity"] = ["arn": "arn:aws:iam::111122223333:user/mallory"]
            strangers["eventTime"] = "\(try #require(lines.first).at.advanced(bySeconds: -200))"
            asOf = try #require(lines.last).at.advanced(bySeconds: 86_400)
            var reconciliation = try #require(Reconciliation(of: record))
            for event in calls { try reconciliation.take(try Self.event(event)) }
            usual = reconciliation.report(asOf: asOf).findings.map(\.kind)
        }

        private static func event(_ members: Members) throws -> AWSEvent {
            try AWSEvent([UInt8](JSONSerialization.data(withJSONObject: members)))
        }

        /// Puts on record what comes of these events.
        func recorded(
            _ events: [Members], later: Int64 = 0, limits: ReconciliationLimits = .standard
        ) throws -> RecordedReconciliation {
            var reconciliation = try #require(Reconciliation(of: record))
            for event in events { try reconciliation.take(try Self.event(event)) }
            let recorder = try ReconciliationRecorder(folder: room.folder, record: record, limits: limits)
            let report = reconciliation.report(asOf: asOf.advanced(bySeconds: later))
            try #require(try recorder.record(report, source: .exported, records: 100) == .recorded)
            return try ReconciliationFile.check(try bytes, of: record)
        }

        var bytes: [UInt8] { get throws { try room.folder.read(ReconciliationFile.path) } }
    }

    @Test(
        "what came of a part gives way to what comes of the whole, seen at the same time, however AWS writes it there")
    func part() async throws {
        let held = try await Held()
        let part = try held.recorded([held.strangers, held.calls[5]])
        #expect(part.clockOffset == nil && part.findings.contains { $0.kind == .unexpected })
        var strangers = held.strangers
        strangers["sourceIPAddress"] = "192.0.2.8"
        let whole = try held.recorded([strangers] + held.calls)
        #expect(whole.findings.map(\.kind) == held.usual && whole.asOf == part.asOf)
        // Nor does the one without it keep anything out.
        #expect(try held.recorded(held.calls, later: 1).findings.map(\.kind) == held.usual)
    }

    @Test("nothing takes its place that was seen earlier, lost one of its events, or has it say otherwise")
    func lost() async throws {
        let held = try await Held()
        _ = try held.recorded([held.strangers, held.calls[5]])
        let known = try held.bytes
        var otherwise = held.strangers
        otherwise["errorCode"] = "AccessDenied"
        for (worse, later) in [
            (held.calls, 10), (held.calls.dropLast() + [held.strangers], 10), (held.calls + [otherwise], 10),
            (held.calls + [held.strangers], -1),
        ] as [([Members], Int64)] {
            #expect(throws: CeremonyError.self) { try held.recorded(worse, later: later) }
            #expect(try held.bytes == known)
        }
        // Where both of one id are there, that is found.
        let both = try held.recorded(held.calls + [held.strangers, otherwise], later: 10)
        #expect(both.findings.map(\.kind) == [.replayed] + held.usual)
    }

    @Test("nothing is written that is over a limit, and that is said")
    func limits() async throws {
        let held = try await Held()
        _ = try held.recorded(held.calls)
        let bytes = try held.bytes
        try held.room.folder.remove(ReconciliationFile.path)
        let line = try #require(bytes.split(separator: UInt8(ascii: "\n")).map(\.count).max())
        let fitting = (file: bytes.count, line: line, events: held.calls.count)
        for (limits, words) in [
            (ReconciliationLimits(file: fitting.file - 1, line: line, events: fitting.events), "it is over "),
            (ReconciliationLimits(file: fitting.file, line: line - 1, events: fitting.events), "the line is over "),
            (ReconciliationLimits(file: fitting.file, line: line, events: fitting.events - 1), "it has over 5 events"),
        ] {
            let error = #expect(throws: CeremonyError.self) { try held.recorded(held.calls, limits: limits) }
            #expect(error?.what.contains(words) == true, "\(error as Any)")
            #expect(throws: (any Error).self) { try held.bytes }
        }
        _ = try held.recorded(
            held.calls, limits: ReconciliationLimits(file: fitting.file, line: line, events: fitting.events))
    }
}
