import CryptoPrimitives
import Evidence
import Room
import Testing

// What a plan asks of the quorum: one that nobody could keep, and one that was not kept, are told by both in one wording.
extension Tampering.ForgedTranscriptTests {
    @Test("a plan asks less than the roster, or what its people cannot keep", arguments: ForgedPlan.ofQuorums)
    func plan(_ forged: ForgedPlan) async throws {
        try await Tampering.withCopy { copy in
            try copy.change(Plan.path) { bytes in
                var plan = try CanonicalJSON.parse(bytes)
                forged.change(&plan["policy"])
                bytes = try CanonicalJSON.encode(plan)
            }
            let judgement = try await copy.judged(inTheSameWords: true)
            #expect(judgement.place == Plan.path)
            #expect(judgement.reason == forged.reason)
        }
    }

    @Test("a plan asks more than was kept", arguments: Forgery.ofQuorums)
    func quorum(_ forgery: Forgery) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
    }

    @Test("a plan that asks for what was done all the same verifies")
    func keptAnyway() async throws {
        try await Tampering.withCopy { copy in
            var forger = try Forger(copy)
            try forger.replan { $0["rules"] = .array([.rule("close", ("witness", 1))]) }
            try await forger.write()
            try await copy.expectVerdict("VERIFIED")
        }
    }
}

extension ForgedPlan {
    /// Of the plan's policy; the roster has three custodians and a witness, and asks for two at every gate.
    static let ofQuorums = [
        ForgedPlan(reason: "approvals that count for 0 hours") { $0["approvalHours"] = 0 },
        ForgedPlan(reason: "approvals that count for 169 hours") { $0["approvalHours"] = 169 },
        rules(
            "the rules of gates are not in their order, or one stands there twice",
            [.rule("close", ("witness", 1)), .rule("release", ("witness", 1))]),
        rules("the rule of release names no role", [.rule("release")]),
        rules("the rule of release names a role twice", [.rule("release", ("custodian", 2), ("custodian", 3))]),
        rules("the rule of release counts the administrator", [.rule("release", ("administrator", 1))]),
        rules("the rule of release asks for 0 of role witness", [.rule("release", ("witness", 0))]),
        rules(
            "the rule of release asks for 1 of role custodian, and the roster for 2",
            [.rule("release", ("custodian", 1))]
        ),
        rules("release needs 4 of role custodian, and the roster has 3", [.rule("release", ("custodian", 4))]),
        rules("activate needs 1 of role auditor, and the roster has 0", [.rule("activate", ("auditor", 1))]),
        separate("release is separated from itself", [("release", "release")]),
        separate(
            "the pairs of separate gates are not in order, or one stands there twice", [("release", "authorize")]),
        separate(
            "the pairs of separate gates are not in order, or one stands there twice",
            [("release", "close"), ("authorize", "close")]),
        separate(
            "release needs 2 of role custodian, others than the 2 of authorize, and the roster has 3",
            [("authorize", "release")]),
        separate(
            "close needs 2 of role custodian, others than the 2 of authorize and the 2 of release, and the roster has 3",
            [("authorize", "close"), ("release", "close")]),
    ]

    private static func rules(_ reason: String, _ rules: [JSONValue]) -> ForgedPlan {
        ForgedPlan(reason: reason) { $0["rules"] = .array(rules) }
    }

    private static func separate(_ reason: String, _ pairs: [(String, String)]) -> ForgedPlan {
        let pairs = pairs.map { JSONValue.object(["one": .string($0.0), "other": .string($0.1)]) }
        return ForgedPlan(reason: reason) { $0["separate"] = .array(pairs) }
    }
}

extension Forgery {
    static let ofQuorums = [
        Forgery("two custodians where the plan asks for three", "the quorum of the roster is not there") { forger in
            try forger.replan { $0["rules"] = .array([.rule("release", ("custodian", 3))]) }
            return .line(try forger.index("gate-passed", ["gate": "release"]))
        },
        Forgery("no witness where the plan asks for one", "the quorum of the roster is not there") { forger in
            try forger.replan { $0["rules"] = .array([.rule("activate", ("witness", 1))]) }
            return .line(try forger.index("gate-passed", ["gate": "activate"]))
        },
        Forgery("a second more than the hours that the plan gives people", "its statement is valid too long") {
            forger in
            let opened = try forger.index("gate-opened", ["gate": "authorize"])
            let from = try #require(Timestamp(forger.lines[opened].body["validity"]["from"].text))
            forger.lines[opened].body["validity"]["until"] = .string(from.advanced(bySeconds: 3601).description)
            try forger.replan { $0["approvalHours"] = 1 }
            return .line(opened)
        },
        Forgery("another policy to authorize than the plan's", "it authorizes something else than the plan") { forger in
            let opened = try forger.index("gate-opened", ["gate": "authorize"])
            forger.lines[opened].body["subject"]["authorize"]["policy"]["approvalHours"] = 8
            return .line(opened)
        },
    ]
}

extension JSONValue {
    /// A rule of a plan's policy.
    fileprivate static func rule(_ gate: String, _ needs: (String, Int64)...) -> JSONValue {
        let requirements = needs.map { JSONValue.object(["role": .string($0.0), "count": .integer($0.1)]) }
        return .object(["gate": .string(gate), "requirements": .array(requirements)])
    }
}

extension Forger {
    /// The same ceremony under a plan that asks something else of the quorum, which everybody signed.
    fileprivate mutating func replan(_ change: (inout JSONValue) -> Void) throws {
        var plan = try CanonicalJSON.parse(try copy.folder.read(Plan.path))
        change(&plan["policy"])
        let bytes = try CanonicalJSON.encode(plan)
        try copy.folder.write(bytes, to: Plan.path)
        for index in lines.indices where ["run-started", "gate-opened"].contains(lines[index].kind) {
            lines[index].body["plan"] = .string(SHA256Digest(of: bytes).hex)
            if lines[index].body["gate"] == "authorize" {
                lines[index].body["subject"]["authorize"]["policy"] = plan["policy"]
            }
        }
    }
}
