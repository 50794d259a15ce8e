import Evidence
import Foundation
import TestSupport
import Testing

/// How events say until when material was to be kept, before both verifiers.
@Suite("The expiry in an event")
struct EventExpiryTests {
    /// What was asked, and which expiry that is; none where it tells no such time.
    struct Case: Codable, Sendable {
        let expirationModel: String?
        let validTo: String?
        let expiry: Expiry?
    }

    private static func expiring(_ validTo: String?, _ time: String?) -> Case {
        Case(
            expirationModel: "KEY_MATERIAL_EXPIRES", validTo: validTo,
            expiry: time.flatMap { Timestamp($0) }.map { .at($0) })
    }

    static let cases: [Case] =
        [
            Case(expirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE", validTo: nil, expiry: .never),
            Case(
                expirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE", validTo: "May 21, 2025, 5:47:45 AM", expiry: nil),
            Case(expirationModel: nil, validTo: "May 21, 2025, 5:47:45 AM", expiry: nil),
            Case(expirationModel: nil, validTo: nil, expiry: nil),
            Case(expirationModel: "x", validTo: nil, expiry: nil),
            expiring("May 21, 2025, 5:47:45 AM", "2025-05-21T05:47:45Z"),
            expiring("May 21, 2025 5:47:45 PM", "2025-05-21T17:47:45Z"),
            expiring("Feb 29, 2028, 11:59:59\u{202F}PM", "2028-02-29T23:59:59Z"),
            expiring("Jan 1, 2027, 12:00:00 AM", "2027-01-01T00:00:00Z"),
            expiring("Dec 31, 2027, 12:00:00 PM", "2027-12-31T12:00:00Z"),
            expiring("2027-05-21T05:47:45Z", "2027-05-21T05:47:45Z"),
        ]
        + [
            nil, "", "never", "1779342465", "Feb 29, 2027, 5:47:45 AM", "May 32, 2025, 5:47:45 AM",
            "May 21, 2025, 13:47:45 PM", "May 21, 2025, 0:47:45 AM", "May 21, 2025, 5:60:45 AM",
            "May 21, 2025, 5:47:45", "May 21, 2025, 5:47:45 am", "Mai 21, 2025, 5:47:45 AM",
            "May 021, 2025, 5:47:45 AM",
            "May 21, 0025, 5:47:45 AM", " May 21, 2025, 5:47:45 AM", "May 21, 2025, 5:47:45 AM\n",
            "2027-05-21T05:47:45+00:00", "2027-02-29T05:47:45Z",
        ].map { expiring($0, nil) }

    @Test("is read in the ways in which CloudTrail writes it, and in no other", arguments: cases)
    func read(_ one: Case) throws {
        var event = try ExampleCeremony().events()[2]
        var asked: [String: Any] = [:]
        asked["expirationModel"] = one.expirationModel
        asked["validTo"] = one.validTo
        event["requestParameters"] = asked
        #expect(try AWSEvent(event.bytes()).expiry == one.expiry, "\(one)")
    }

    @Test("is the same for verify.sh's rules")
    func sameInScript() async throws {
        let script = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/verify.sh"),
            encoding: .utf8)
        let rules = try #require(script.split(separator: "<< 'RULES'\n").last?.split(separator: "\nRULES\n").first)
        try await withTemporaryFolder { folder in
            let filter = folder.appending(path: "filter.jq")
            try Data(
                "\(rules)\nmap({expirationModel: aws_text(\"expirationModel\"), validTo: aws_text(\"validTo\")} | aws_expiry)"
                    .utf8
            ).write(to: filter)
            let run = try await runProcess(
                "jq", ["-c", "-f", filter.path], input: Array(try JSONEncoder().encode(Self.cases)))
            try #require(run.status == 0, "\(run.stderrText)")
            let theirs = try JSONDecoder().decode([Expiry?].self, from: Data(run.stdout))
            try #require(theirs.count == Self.cases.count)
            for (one, expiry) in zip(Self.cases, theirs) { #expect(expiry == one.expiry, "\(one)") }
        }
    }
}
