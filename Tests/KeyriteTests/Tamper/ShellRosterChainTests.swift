import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

/// Whom a changed roster needs follows from it and from the one before it: whoever is not asked by one verifier could come in
/// unasked.
@Suite("Both verifiers say the same of how a roster follows the one before it")
struct ShellRosterChainTests {
    @Test("whatever stands in the later one: who accepts it, and who of those before is missing")
    func later() async throws {
        let before = try GoldenDocuments.rosters()[0]
        try await expectSame(after: before, of: try Self.changed(after: before))
    }

    @Test("whatever stands in the one before it")
    func earlier() async throws {
        let rosters = try GoldenDocuments.rosters()
        let befores = OtherDocuments(of: [rosters[0]], words: Self.words).all.filter { (try? Self.roster($0)) != nil }
        #expect(befores.count > 10)
        for before in [rosters[0]] + befores.prefix(30) {
            var after = rosters[2]
            after["previous"] = .string(SHA256Digest(of: try CanonicalJSON.encode(before)).hex)
            try await expectSame(after: before, of: [after])
        }
    }

    private static let words: [String: [JSONValue]] = [
        "role": Role.allCases.map { .string($0.rawValue) }, "count": [2, 3], "sequence": [3, 4], "mode": ["live"],
        "name": ["ben", "bob", "zoe"], "validUntil": ["2027-01-01T00:00:00Z"],
    ]

    /// Later rosters that can be read by themselves.
    private static func changed(after before: JSONValue) throws -> [JSONValue] {
        var rosters = try Array(GoldenDocuments.rosters().dropFirst())
        let more = try GoldenDocuments.roster()["members"].elements
        for index in rosters.indices {
            rosters[index]["previous"] = .string(SHA256Digest(of: try CanonicalJSON.encode(before)).hex)
        }
        var joined = rosters[0]
        joined["members"] = .array([0, 1, 2, 4, 5].map { more[$0] })
        var left = rosters[0]
        left["members"] = .array(rosters[0]["members"].elements.filter { $0["role"] != "witness" })
        for gate in ["authorize", "release", "activate", "close", "change"] {
            left["rules"][gate] = .array([.object(["role": "custodian", "count": 1])])
        }
        var words = Self.words
        words["key"] = more.map { $0["key"] }
        rosters += [joined, left]
        return (rosters + OtherDocuments(of: rosters, words: words).all).filter { (try? roster($0)) != nil }
    }

    private static func roster(_ value: JSONValue) throws -> Roster {
        try Roster(json: try CanonicalJSON.encode(value))
    }

    private func expectSame(
        after last: JSONValue, of rosters: [JSONValue], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let bytes = try CanonicalJSON.encode(last)
        let first = try RosterEdition(try Roster(json: bytes), bytes: bytes, after: nil)
        let documents = Documents(
            golden: [], others: rosters,
            filter: """
                inputs as $new
                | [following({file: "roster.json", folder: "roster", number: 2, roster: $new};
                    {file: "rosters/1.json", folder: "rosters/1", number: 1, roster: $first0}; {}; $sums0)]
                | [(.[] | select(.[0] == "REFUSED") | .[2]) // ""][0] as $fault
                | if .[0][0] == "REFUSED" and ($fault | startswith("its change misses") | not) then [$fault]
                  else ["accepted by \\([.[] | select(.[0] == "accepts") | .[2]] | join(" ")): \\($fault)"] end
                | tojson
                """,
            parts: ["words", "kinds", "shapes", "signatures", "roster.json"],
            facts: [
                "first0": last, "sums0": .object(["rosters/1.json": .string(SHA256Digest(of: bytes).hex)]),
            ])
        try await documents.expectSame(
            ours: { json in
                var words = ""
                do {
                    let edition = try RosterEdition(try Roster(json: json), bytes: json, after: first)
                    words = "accepted by \(edition.accepting.map(\.name).joined(separator: " ")): "
                    if let missing = edition.missingConsents.first {
                        words += "its change misses \(missing.count) of role \(missing.role.rawValue) in roster 1"
                    }
                } catch let error as RosterError { throw EvidenceError(".", words + error.problem) }
                throw EvidenceError(".", words)
            },
            theirs: { $0[0].text }, sourceLocation: sourceLocation)
    }
}
