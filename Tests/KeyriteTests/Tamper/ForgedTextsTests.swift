import Evidence
import Testing

// What people said is a text in its one form, and an exhibit's name one that a file can have.
extension Tampering.ForgedTranscriptTests {
    @Test("what was said is no text, or names no file", arguments: Forgery.texts)
    func text(_ forgery: Forgery) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
    }
}

extension Forgery {
    private static func saying(_ kind: String, _ field: String, _ text: String, _ reason: String) -> Forgery {
        Forgery("\(kind): \(field) is \"\(text)\"", reason) { forger in
            let index = try forger.index(kind)
            forger.lines[index].body[field] = .string(text)
            return .line(index)
        }
    }

    private static func finding(_ change: @escaping @Sendable (inout JSONValue) -> Void, _ reason: String) -> Forgery {
        Forgery("a finding that says no text", reason) { forger in
            let index = try forger.index("self-tested")
            change(&forger.lines[index].body["findings"][0])
            return .line(index)
        }
    }

    private static let unfit = "the exhibit's name is not fit for a file"

    static let texts =
        [
            saying("note", "text", "", "it says nothing"),
            saying("note", "text", "100 %", "one form (byte 4)"), saying("note", "text", "%2D", "one form (byte 0)"),
            saying("note", "text", "a%c3%a9", "one form (byte 1)"), saying("note", "text", "a%C3", "one form (byte 0)"),
            saying("note", "text", "%ED%A0%80", "one form (byte 0)"), saying("note", "text", "%", "one form (byte 0)"),
            saying("exception", "what", "", "it says nothing"), saying("exception", "why", "a%", "one form (byte 1)"),
            saying("exception", "remedy", "a%25%", "one form (byte 4)"),
            saying("exhibit", "what", "", "it says nothing"),
            finding({ $0["check"] = "" }, "it says nothing"), finding({ $0["detail"] = "5 %" }, "one form (byte 2)"),
        ]
        + ["", ".x", "a/b", "a b", "a%25", String(repeating: "a", count: 101)].map {
            saying("exhibit", "name", $0, unfit)
        }
}
