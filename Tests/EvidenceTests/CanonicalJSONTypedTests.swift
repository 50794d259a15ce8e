import Evidence
import Foundation
import Testing

@Suite("Canonical JSON, decoded into types")
struct CanonicalJSONTypedTests {
    struct Slot: Codable, Equatable {
        let alias: String
        let expires: Int?
    }

    struct Plan: Codable, Equatable {
        let labels: [String: Slot]
        let slots: [Slot]
    }

    static let plan = Plan(
        labels: ["3": Slot(alias: "c", expires: nil)],
        slots: [Slot(alias: "alias/a", expires: 7), Slot(alias: "alias/b", expires: nil)])
    static let text =
        #"{"labels":{"3":{"alias":"c"}},"slots":[{"alias":"alias/a","expires":7},{"alias":"alias/b"}]}"#

    @Test("A value is written with sorted keys, slashes bare, and without what is absent")
    func written() throws {
        #expect(try CanonicalJSON.encode(Self.plan) == Array(Self.text.utf8))
        #expect(try CanonicalJSON.decode(Plan.self, from: Array(Self.text.utf8)) == Self.plan)
    }

    struct Misfit: CustomTestStringConvertible {
        /// What is replaced in the good text, and by what.
        let part: String
        let other: String
        let refusal: CanonicalJSONError
        var testDescription: String { other }

        init(_ part: String, _ other: String, at path: String, _ offset: Int, _ reason: String) {
            self.part = part
            self.other = other
            refusal = CanonicalJSONError(reason: reason, path: path, offset: offset)
        }

        static let table = [
            Misfit(
                #"{"alias":"alias/b"}"#, #"{"alias":"alias/b","note":""}"#, at: "$.slots[1].note", 97,
                "the key is unknown"),
            Misfit(#"{"alias":"alias/b"}"#, "{}", at: "$.slots[1]", 71, #"the key "alias" is missing"#),
            Misfit(
                #""expires":7"#, #""expires":"7""#, at: "$.slots[0].expires", 68,
                "it is not a whole number"),
            Misfit(
                #""expires":7"#, #""expires":true"#, at: "$.slots[0].expires", 68,
                "it is not a whole number"),
            Misfit(
                #""expires":7"#, #""expires":null"#, at: "$.slots[0].expires", 68,
                "null is not used: what is absent is left out"),
            Misfit(
                #""3":{"alias":"c"}"#, #""3":{"alias":4}"#, at: "$.labels.3.alias", 24,
                "it is not text"),
            Misfit(
                #""3":{"alias":"c"}"#, #""3":{"Alias":"c"}"#, at: "$.labels.3", 15, #"the key "alias" is missing"#),
            Misfit(
                #""3":{"alias":"c"}"#, #""3":{"alias":"c","expires":0.5}"#, at: "$.labels.3.expires", 38,
                "a number with a fraction or an exponent; only integers are used"),
        ]
    }

    @Test("What does not fit the type is refused, with its place", arguments: Misfit.table)
    func refused(_ misfit: Misfit) throws {
        let text = Self.text.replacingOccurrences(of: misfit.part, with: misfit.other)
        #expect(throws: misfit.refusal) { try CanonicalJSON.decode(Plan.self, from: Array(text.utf8)) }
    }

    @Test("A form that the type itself would write otherwise is refused")
    func otherForm() throws {
        struct Lenient: Codable {
            let text: String
            init(from decoder: any Decoder) throws {
                text = try decoder.singleValueContainer().decode(String.self).lowercased()
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(text)
            }
        }
        #expect(try CanonicalJSON.decode([Lenient].self, from: Array(#"["ab","cd"]"#.utf8)).count == 2)
        let error = try #require(throws: CanonicalJSONError.self) {
            try CanonicalJSON.decode([Lenient].self, from: Array(#"["ab","cD"]"#.utf8))
        }
        #expect(error.path == "$[1]" && error.offset == 6)
    }

    @Test(
        "what no word stands for, and what is of another kind, is said in words of ours",
        arguments: [
            (#""decision":"Refuse""#, #"$.decision (byte 12): "Refuse" is none of the words that can stand here"#),
            (#""decision":["refuse"]"#, "$.decision (byte 12): it is not text"),
            (#""decision":{}"#, "$.decision (byte 12): it is not text"),
        ])
    func ourWords(member: String, said: String) throws {
        struct Decided: Codable { let decision: Decision }
        let error = #expect(throws: CanonicalJSONError.self) {
            try CanonicalJSON.decode(Decided.self, from: Array("{\(member)}".utf8))
        }
        #expect(error?.description == said)
    }
}
