import Evidence
import Testing

// A statement that does not follow from what is there, and an approval that is for something else, are named by both.
extension Tampering.ForgedTranscriptTests {
    @Test("a statement says something else than follows", arguments: Forgery.misfits)
    func statement(_ forgery: Forgery) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
    }

    @Test("an approval is for something else, or not as people decide", arguments: Forgery.strays)
    func approval(_ forgery: Forgery) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
    }
}

extension Forgery {
    /// What a release's statement says otherwise than follows from plan, roster and the lines before it.
    static let misfits = [
        misfit("mode", "live", "its mode is not the plan's"),
        misfit("ceremony", "2026-01-01-00000000", "its ceremony is not the plan's"),
        misfit("nonce", .string(Forger.otherDigest), "its nonce is not the plan's"),
        misfit("subject", .object(["close": closing]), "its subject is that of another gate"),
        misfit("attempt", 2, "its attempt is not the next one at its gate"),
        misfit("plan", .string(Forger.otherDigest), "its plan is not the ceremony's"),
        misfit("roster", .string(Forger.otherDigest), "its roster is not the ceremony's"),
        misfit("environment", .string(Forger.otherDigest), "its environment is not the one that the run saw"),
        misfit("earlier", .array([]), "it does not list the gates that were passed before"),
        misfit("decisions", .array([]), "it does not list the decisions that were received before"),
        misfit("exceptions", .array([]), "it does not list the exceptions that are on record"),
        misfit(
            "anchor", .object(["seq": 1, "head": .string(Forger.otherDigest)]),
            "its anchor is no prefix of the transcript"),
        misfit(
            "anchor", .object(["seq": 0, "head": .string(Forger.otherDigest)]),
            "its anchor is no prefix of the transcript"),
        misfit(
            "anchor", .object(["seq": -1, "head": .string(Transcript.genesis)]),
            "its anchor is no prefix of the transcript"),
        misfit(
            "anchor", .object(["seq": 4711, "head": .string(Forger.otherDigest)]),
            "its anchor is no prefix of the transcript"),
        misfit(
            "anchor", .object(["seq": 0, "head": .string(Transcript.genesis)]),
            "its anchor is not the line directly before it"),
    ]

    private static let closing = JSONValue.object([
        "head": .string(Forger.otherDigest), "lines": 1, "exceptions": .array([]),
        "manifest": .string(Forger.otherDigest),
    ])

    private static func misfit(_ key: String, _ value: JSONValue, _ reason: String) -> Forgery {
        Forgery("another \(key): \(value)", reason) { forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            forger.lines[opened].stated = [key: value]
            return .line(opened)
        }
    }

    /// What an approval's file says that is not for what is open, signed as it stands.
    static let strays = [
        stray("another mode", ["mode": "live"], "it was made for a live ceremony"),
        stray(
            "another ceremony", ["ceremony": "2026-01-01-00000000"], "it was made for the ceremony 2026-01-01-00000000"),
        stray("another gate", ["gate": "activate"], "it was made for the gate activate"),
        stray("another attempt", ["attempt": 2], "it was made for attempt 2"),
        stray("another plan", ["plan": .string(Forger.otherDigest)], "it was made for another plan"),
        stray("another statement", ["statement": .string(Forger.otherDigest)], "it was made for another statement"),
        stray("a refusal that says no reason", ["decision": "refuse"], "carol refused without a reason"),
        stray("an empty reason", ["decision": "refuse", "reason": ""], "carol refused without a reason"),
        stray("an approval with a condition", ["reason": "if it must be"], "carol approved with a reason"),
        stray("an approval with an empty reason", ["reason": ""], "carol approved with a reason"),
    ]

    private static func stray(_ name: String, _ said: [String: JSONValue], _ reason: String) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].approval.replaced = said
            return .file("approvals/release-1/carol.json")
        }
    }
}
