import Evidence
import Foundation
import TestSupport
import Testing

/// How events say until when material was to be kept, before both verifiers.
@Suite("The expiry in an event")
struct EventExpiryTests {
    /// What was asked, in JSON, and which expiry that is: `never`, a time, or in words what cannot be read.
    struct Case: CustomTestStringConvertible, Sendable {
        let asked: String
        let told: String
        var testDescription: String { asked }
    }

    private static func expiring(_ validTo: String, _ told: String) -> Case {
        Case(asked: #"{"expirationModel":"KEY_MATERIAL_EXPIRES","validTo":\#(validTo)}"#, told: told)
    }

    private static func unread(_ model: String, _ validTo: String) -> String {
        "its expirationModel is \(model), and its validTo \(validTo)"
    }

    private static let never = "KEY_MATERIAL_DOES_NOT_EXPIRE"
    private static let number = "a number that is no moment in whole seconds"
    private static let other = "neither a text nor a number"

    /// The same moment, in each way in which it leaves no doubt.
    private static let same = [
        #""Mar 5, 2027, 12:07:09 AM""#, #""Mar 5, 2027 12:07:09 AM""#, #""Mar 05, 2027, 12:07:09 AM""#,
        #""Mar 5, 2027, 12:07:09 am""#, #""Mar 5, 2027, 12:07:09\u00a0AM""#, #""Mar 5, 2027, 12:07:09\u202fAM""#,
        #""2027-03-05T00:07:09Z""#, #""2027-03-05T00:07:09.0Z""#, #""2027-03-05T00:07:09.000Z""#,
        #""2027-03-05T00:07:09.000000000Z""#, "1804205229", "1804205229.0", "1.804205229e9", "1804205229000E-3",
    ]

    private static let models = [
        Case(asked: #"{"expirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE"}"#, told: "never"),
        Case(asked: #"{"expirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","validTo":null}"#, told: "never"),
        Case(
            asked: #"{"expirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","validTo":1}"#, told: unread(never, number)),
        // What is sent without a model expires.
        Case(asked: #"{"validTo":"May 21, 2025, 5:47:45 AM"}"#, told: "2025-05-21T05:47:45Z"),
        Case(asked: #"{"expirationModel":null,"validTo":1}"#, told: "1970-01-01T00:00:01Z"),
        Case(asked: "{}", told: unread("none", "none")), Case(asked: "null", told: unread("none", "none")),
        Case(asked: #"{"expirationModel":"x"}"#, told: unread("x", "none")),
        Case(asked: #"{"expirationModel":7,"validTo":1}"#, told: unread(number, number)),
        Case(asked: #"{"expirationModel":[],"validTo":{}}"#, told: unread(other, other)),
        Case(asked: #"{"expirationModel":"KEY_MATERIAL_EXPIRES"}"#, told: unread("KEY_MATERIAL_EXPIRES", "none")),
    ]

    private static let times = [
        expiring(#""May 21, 2025 5:47:45 PM""#, "2025-05-21T17:47:45Z"),
        expiring(#""Feb 29, 2028, 11:59:59\u202fpm""#, "2028-02-29T23:59:59Z"),
        expiring(#""Jan 1, 2027, 12:00:00 AM""#, "2027-01-01T00:00:00Z"),
        expiring(#""Dec 31, 2027, 12:00:00 PM""#, "2027-12-31T12:00:00Z"),
        expiring(#""Dec 31, 2027, 01:00:00 PM""#, "2027-12-31T13:00:00Z"),
        expiring("0", "1970-01-01T00:00:00Z"), expiring("-0.0", "1970-01-01T00:00:00Z"),
        expiring("253402300799", "9999-12-31T23:59:59Z"),
    ]

    /// Texts that leave a doubt, or that no calendar has.
    private static let doubtful = [
        "", "never", "1779342465", "Feb 29, 2027, 5:47:45 AM", "May 32, 2025, 5:47:45 AM", "May 00, 2025, 5:47:45 AM",
        "May 21, 2025, 13:47:45 PM", "May 21, 2025, 0:47:45 AM", "May 21, 2025, 00:47:45 AM",
        "May 21, 2025, 5:60:45 AM", "May 21, 2025, 5:47:45", "May 21, 2025, 5:47:45 Am", "Mai 21, 2025, 5:47:45 AM",
        "May 021, 2025, 5:47:45 AM", "May 21, 0025, 5:47:45 AM", " May 21, 2025, 5:47:45 AM",
        "May 21, 2025, 5:47:45 AM UTC", "2027-05-21T05:47:45+00:00", "2027-05-21T05:47:45+01:00",
        "2027-05-21T05:47:45.000+01:00", "2027-05-21T05:47:45.001Z", "2027-05-21T05:47:45.Z",
        "2027-05-21T05:47:45.0000000000Z", "2027-05-21T05:47:45.00z", "2027-02-29T05:47:45Z", "2027-05-21 05:47:45Z",
    ]

    static let cases: [Case] =
        models + times + same.map { expiring($0, "2027-03-05T00:07:09Z") }
        + doubtful.map { expiring("\"\($0)\"", unread("KEY_MATERIAL_EXPIRES", $0)) }
        + ["-1", "0.5", "1804205229.5", "253402300800", "1804205229000", "1e400"].map {
            expiring($0, unread("KEY_MATERIAL_EXPIRES", number))
        } + [
            expiring(#""May 21, 2025, 5:47:45 AM\n""#, unread("KEY_MATERIAL_EXPIRES", "May 21, 2025, 5:47:45 AM%0A")),
            expiring(
                "\"\(String(repeating: "0", count: 2049))\"",
                unread("KEY_MATERIAL_EXPIRES", "a text of over 2048 bytes")),
            expiring("true", unread("KEY_MATERIAL_EXPIRES", other)),
        ]

    @Test("is read in the ways that leave no doubt, and in no other, and what cannot be read keeps no event out")
    func read() throws {
        let event = try ExampleCeremony().events()[2].text()
        for one in Self.cases {
            let text = event.replacing(/"requestParameters":\{[^}]*\}/, with: #""requestParameters":\#(one.asked)"#)
            let told =
                switch try AWSEvent(Array(text.utf8)).expiry {
                case .read(let expiry): expiry.text
                case .unread(let words): words
                }
            #expect(told == one.told, "\(one.asked)")
        }
    }

    @Test("is the same for verify.sh's rules")
    func sameInScript() async throws {
        let rules = try VerifyScript.rules()
        try await withTemporaryFolder { folder in
            let filter = folder.appending(path: "filter.jq")
            try Data("\(rules)\nmap(aws_expiry | .expiry // .unread)".utf8).write(to: filter)
            let run = try await runProcess(
                "jq", ["-c", "-f", filter.path],
                input: Array("[\(Self.cases.map(\.asked).joined(separator: ","))]".utf8))
            try #require(run.status == 0, "\(run.stderrText)")
            let theirs = try JSONDecoder().decode([String].self, from: Data(run.stdout))
            try #require(theirs.count == Self.cases.count)
            for (one, told) in zip(Self.cases, theirs) { #expect(told == one.told, "\(one.asked)") }
        }
    }
}
