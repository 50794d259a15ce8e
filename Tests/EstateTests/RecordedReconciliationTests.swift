import CryptoPrimitives
import Estate
import Evidence
import Foundation
import Testing

/// What is put on record of a reconciliation, and checked again by the transcript and the events alone.
@Suite("What came of reconciling, on record")
struct RecordedReconciliationTests {
    private static let asOf = "2026-11-26T18:00:00Z"

    private func file(
        of ceremony: ExampleCeremony, _ events: [EventText], records: Int = 6, asOf: String = asOf,
        by rules: ReconciliationRules = .current
    ) throws -> (bytes: [UInt8], report: ReconciliationReport) {
        var reconciliation = try #require(Reconciliation(of: ceremony.record, by: rules))
        for event in events { try reconciliation.take(try AWSEvent(event.bytes())) }
        let report = reconciliation.report(asOf: try #require(Timestamp(asOf)))
        let summary = try RecordedReconciliation(report, of: ceremony.record, source: .exported, records: records)
        return (try ReconciliationFile.encode(summary, report), report)
    }

    /// With `KEYRITE_REWRITE_FORMATS` set, the example gets it: for whoever made the example anew.
    @Test(
        "the examples' is what comes of their events",
        arguments: [
            (ExampleCeremony.earlier, asOf, ReconciliationRules.first),
            (ExampleCeremony.current, "2026-11-27T05:00:00Z", .current),
        ])
    func example(kept: String, asOf: String, rules: ReconciliationRules) throws {
        let ceremony = try ExampleCeremony(kept)
        let events = ceremony.events(tellingExpiry: rules == .current)
        let made = try file(of: ceremony, events, asOf: asOf, by: rules).bytes
        let path = ExampleCeremony.root(kept).appending(path: ReconciliationFile.path)
        if ProcessInfo.processInfo.environment["KEYRITE_REWRITE_FORMATS"] != nil { try Data(made).write(to: path) }
        #expect(made == Array(try Data(contentsOf: path)))
        let said = try ReconciliationFile.check(made, of: ceremony.record)
        #expect(said.result == .agreed && said.matched == 6 && said.clockOffset == 0)
    }

    @Test("of the first format holds for ever by its own rules: it is not looked at when what was imported expires")
    func first() throws {
        let ceremony = try ExampleCeremony()
        for told in [nil, "KEY_MATERIAL_EXPIRES", 1, ["x"]] as [Any?] {
            var events = ceremony.events(tellingExpiry: false)
            var asked = try #require(events[2]["requestParameters"] as? [String: Any])
            (asked["expirationModel"], asked["validTo"]) = (told, told)
            events[2]["requestParameters"] = asked
            let (bytes, report) = try file(of: ceremony, events, by: .first)
            #expect(report.findings.isEmpty && report.calls.allSatisfy { $0.standing == .matched })
            let said = try ReconciliationFile.check(bytes, of: ceremony.record)
            #expect(said.schema == "keyrite.reconciliation/1" && said.result == .agreed)
            // Whoever writes it anew looks at it.
            let again = try file(of: ceremony, events)
            #expect(again.report.findings.map(\.kind) == [.unreadableExpiry, .unreadableExpiry])
            #expect(try ReconciliationFile.check(again.bytes, of: ceremony.record).schema == "keyrite.reconciliation/2")
        }
    }

    /// What is done to the events, and what is found then.
    struct Change: CustomTestStringConvertible, Sendable {
        let name: String
        let kinds: [ReconciliationFinding.Kind]
        let make: @Sendable (inout [EventText], ExampleCeremony) throws -> Void
        var testDescription: String { name }
    }

    static let changes = [
        Change(name: "one is missing", kinds: [.missing]) { events, _ in events.remove(at: 2) },
        Change(name: "all are missing", kinds: Array(repeating: .missing, count: 6)) { events, _ in events = [] },
        Change(name: "somebody else made one", kinds: [.otherIdentity]) { events, _ in
            events[2]["userIdentity"] = [
                "type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAMALLORY",
            ]
        },
        Change(name: "one is of another outcome, and of other material", kinds: [.differs, .differs]) { events, _ in
            events[2]["errorCode"] = "AccessDenied"
            events[2]["responseElements"] = ["keyMaterialId": String(repeating: "0", count: 64)]
        },
        Change(name: "one is told twice, and one in two ways", kinds: [.replayed, .replayed]) { events, _ in
            var again = events[2]
            again["eventID"] = "00000000-0000-0000-0000-000000000000"
            var double = events[3]
            double["eventTime"] = "2026-11-26T17:19:52Z"
            events += [again, double]
        },
        Change(name: "others did something, and the ceremony asked again", kinds: [.unexpected, .unexpected]) {
            events, ceremony in
            var refused = ceremony.stranger("GetParametersForImport", caller: ceremony.caller)
            refused["eventTime"] = "2026-11-26T17:19:44Z"
            refused["errorCode"] = "ThrottlingException"
            refused["eventID"] = "11111111-0000-0000-0000-000000000000"
            var second = refused
            second["errorCode"] = nil
            second["eventID"] = "22222222-0000-0000-0000-000000000000"
            events += [refused, second, ceremony.stranger("PutKeyPolicy")]
        },
    ]

    @Test("holds, whatever was found, with the events that it is about and no others", arguments: changes)
    func found(_ change: Change) throws {
        let ceremony = try ExampleCeremony()
        var events = ceremony.events()
        try change.make(&events, ceremony)
        let (bytes, report) = try file(of: ceremony, events, records: 100)
        #expect(report.findings.map(\.kind) == change.kinds)
        let said = try ReconciliationFile.check(bytes, of: ceremony.record)
        #expect(said.findings.map(\.kind) == change.kinds && said.result == .notAgreed)
        let told = Set(report.calls.compactMap { $0.event?.digest } + report.findings.compactMap { $0.event?.digest })
        #expect(Set(report.events.map(\.digest)) == told)
        #expect(try file(of: ceremony, events.reversed(), records: 100).bytes == bytes, "the order of arrival shows")
    }
}
