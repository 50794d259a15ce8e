import Evidence
import Testing

extension Tampering {
    // One at a time: SoftHSM's processes get in each other's way when many log in to one token at once.
    @Suite(
        "A transcript that all of the room forged together is refused by both verifiers where it breaks a rule",
        .serialized)
    struct ForgedTranscriptTests {
        @Test("forged as it was, it verifies: the forger breaks nothing by itself")
        func control() async throws {
            try await withCopy { try await $0.expectVerified(forged: { _ in }) }
        }

        @Test("a rule of the ceremony is broken", arguments: Forgery.all)
        func broken(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery) }
        }
    }
}

/// Where a forgery shows.
enum Place {
    /// The transcript's line of this index.
    case line(Int)
    case file(String)

    var name: String {
        switch self {
        case .line(let index): "transcript.jsonl:\(index + 1)"
        case .file(let path): path
        }
    }
}

/// One broken rule: how it is broken, where both verifiers see it, and what Keyrite's says.
struct Forgery: Sendable, CustomTestStringConvertible {
    let name: String
    let reason: String
    /// Changes the lines; what follows from them is made anew afterwards. Says where it shows.
    let change: @Sendable (inout Forger) throws -> Place

    var testDescription: String { name }

    init(_ name: String, _ reason: String, _ change: @escaping @Sendable (inout Forger) throws -> Place) {
        self.name = name
        self.reason = reason
        self.change = change
    }

    static let all = gates + quorum + statements + room + effects + ends

    /// Replaces one value in the body of the first line of a kind.
    private static func replacing(
        _ name: String, _ kind: String, at gate: String? = nil, _ reason: String,
        _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index(kind, gate.map { ["gate": .string($0)] } ?? [:])
            change(&forger.lines[index].body)
            return .line(index)
        }
    }

    private static let gates = [
        Forgery("an effect before its gate", "a self-test before *authorize* was passed") { forger in
            let passed = forger.lines.remove(at: try forger.index("gate-passed", ["gate": "authorize"]))
            let generated = try forger.index("generated")
            forger.lines.insert(passed, at: generated + 1)
            return .line(try forger.index("self-test-intended"))
        },
        Forgery("an effect while people sign", "an approval for a gate or an attempt that is not open") { forger in
            let fetched = try forger.index("fetched", ["purpose": "import"])
            let opened = try forger.index("gate-opened", ["gate": "release"])
            forger.insert(forger.lines[(fetched - 1)...fetched], at: opened + 1)
            return .line(try forger.index("approval", ["gate": "release"]))
        },
        Forgery("a wrap without a release", "a wrap before *release* was passed") { forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            let passed = try forger.index("gate-passed", ["gate": "release"])
            forger.lines.removeSubrange(opened...passed)
            return .line(try forger.index("wrap-intended"))
        },
        Forgery("a wrap under a release whose keys were fetched anew", "a wrap before *release* was passed") { forger in
            let fetched = try forger.index("fetched", ["purpose": "import"])
            let pair = Array(forger.lines[(fetched - 1)...fetched])
            let passed = try forger.index("gate-passed", ["gate": "release"])
            forger.insert(pair, at: passed + 1)
            return .line(try forger.index("wrap-intended"))
        },
        Forgery("a rotation that nobody activated", "a rotation before *activate* was passed") { forger in
            let opened = try forger.index("gate-opened", ["gate": "activate"])
            let passed = try forger.index("gate-passed", ["gate": "activate"])
            forger.lines.removeSubrange(opened...passed)
            return .line(try forger.index("rotate-intended"))
        },
        Forgery("an attempt that skips a number", "its attempt is not the next one") { forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            for index in opened..<forger.lines.count where forger.lines[index].body["gate"] == "release" {
                forger.lines[index].body["attempt"] = .integer(2)
            }
            return .line(opened)
        },
        Forgery("an attempt that is opened twice", "its attempt is not the next one") { forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            forger.lines.insert(forger.lines[opened], at: opened)
            return .line(opened + 1)
        },
        Forgery("a gate passed after a refusal", "a gate was passed that is not open") { forger in
            let refused = try forger.index("approval", ["gate": "activate", "name": "carol"])
            forger.lines[refused].body["decision"] = "refuse"
            return .line(try forger.index("gate-passed", ["gate": "activate"]))
        },
    ]

    private static let quorum = [
        Forgery("a gate passed by one custodian", "the quorum of the roster is not there") { forger in
            forger.lines.remove(at: try forger.index("approval", ["gate": "release", "name": "carol"]))
            return .line(try forger.index("gate-passed", ["gate": "release"]))
        },
        Forgery("a close without its witness", "the quorum of the roster is not there") { forger in
            forger.lines.remove(at: try forger.index("approval", ["gate": "close", "name": "wendy"]))
            return .line(try forger.index("gate-passed", ["gate": "close"]))
        },
        Forgery("a witness in a custodian's place", "the quorum of the roster is not there") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].body["name"] = "wendy"
            return .line(try forger.index("gate-passed", ["gate": "release"]))
        },
        Forgery("the administrator's approval", "who never approves") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].body["name"] = "ada"
            return .file("approvals/release-1/ada.json")
        },
        Forgery("the administrator as custodian", "another role") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].body["name"] = "ada"
            forger.lines[index].approval.replaced = ["role": "custodian"]
            return .file("approvals/release-1/ada.json")
        },
        Forgery("one custodian twice", "decided on this attempt before") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].body["name"] = "ben"
            return .line(index)
        },
        Forgery("an approval that another key signed", "its signature does not hold") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].approval.signer = "dan"
            return .file("approvals/release-1/carol.json")
        },
        Forgery("an approval for live", "its signature does not hold") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].approval.namespace = Mode.live.gateNamespace
            return .file("approvals/release-1/carol.json")
        },
        Forgery("an approval with another fingerprint", "a key that the roster does not give") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].approval.replaced = ["key": "SHA256:abc"]
            return .file("approvals/release-1/carol.json")
        },
        Forgery("an approval before its statement", "outside the statement's validity") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].approval.replaced = ["at": "2026-01-01T00:00:00Z"]
            return .file("approvals/release-1/carol.json")
        },
        Forgery("a refusal with a reason that is counted as an approval", "it says otherwise") { forger in
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].approval.replaced = ["decision": "refuse", "reason": "no"]
            return .line(index)
        },
    ]

    private static let statements = [
        replacing("a statement for ever", "gate-opened", "its statement is valid too long") {
            $0["validity"]["until"] = "9999-12-31T23:59:59Z"
        },
        replacing("a release that outlives its tokens", "gate-opened", at: "release", "not that of the tokens") {
            $0["subject"]["release"]["deadline"] = "9999-12-31T23:59:59Z"
        },
        replacing("other keys to authorize", "gate-opened", "something else than the plan") {
            $0["subject"]["authorize"]["slots"][0]["rotationsUsed"] = 1
        },
        replacing("a wrapping key that was not fetched", "gate-opened", at: "release", "it releases other keys") {
            $0["subject"]["release"]["slots"][0]["import"]["spki"] = .string(Forger.otherDigest)
        },
        replacing("another commitment", "gate-opened", at: "release", "it releases other keys") {
            $0["subject"]["release"]["slots"][0]["commitment"] = .string(String(repeating: "0", count: 32))
        },
        replacing("an activation without a gate of its own", "gate-opened", at: "release", "at a gate of its own") {
            $0["subject"]["release"]["activations"] = .array([])
        },
        replacing("another endpoint", "gate-opened", at: "release", "other surroundings") {
            $0["subject"]["release"]["endpoint"] = "https://kms.example"
        },
        replacing("other material to activate", "gate-opened", at: "activate", "something else than was imported") {
            $0["subject"]["activate"]["slots"][0]["materialAfter"] = .string(Forger.otherDigest)
        },
        replacing("an exception that the close leaves out", "gate-opened", at: "close", "it leaves out an exception") {
            $0["subject"]["close"]["exceptions"] = .array([])
        },
    ]

    private static let room = [
        replacing("a note by a stranger", "note", "by nobody on the roster") { $0["by"] = "eve" },
        replacing("an exception by a stranger", "exception", "by nobody on the roster") { $0["by"] = "eve" },
        Forgery("an exception while people sign", "for a gate or an attempt that is not open") { forger in
            let exception = forger.lines[try forger.index("exception")]
            forger.insert([exception], at: try forger.index("gate-opened", ["gate": "close"]) + 1)
            return .line(try forger.index("approval", ["gate": "close"]))
        },
        Forgery("a note behind the close's anchor", "for a gate or an attempt that is not open") { forger in
            let note = forger.lines[try forger.index("note")]
            forger.insert([note], at: try forger.index("gate-opened", ["gate": "close"]) + 1)
            return .line(try forger.index("approval", ["gate": "close"]))
        },
        Forgery("an exhibit that is another file", "it is not the file that the transcript recorded") { forger in
            forger.lines[try forger.index("exhibit")].body["file"] = .string(Forger.otherDigest)
            return .file("exhibits/seal.txt")
        },
        Forgery("an exhibit that is not there", "it is missing") { forger in
            forger.lines[try forger.index("exhibit")].body["name"] = "other.txt"
            return .file("exhibits/other.txt")
        },
        Forgery("an exhibit recorded twice", "a second exhibit") { forger in
            let index = try forger.index("exhibit")
            forger.insert([forger.lines[index]], at: index + 1)
            return .line(index + 1)
        },
        Forgery("an effect after an abort", "the ceremony was aborted before it") { forger in
            let index = try forger.index("import-intended")
            forger.insert([try forger.abort()], at: index)
            return .line(index + 1)
        },
        Forgery("a gate after an abort", "was not the next to open") { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            forger.insert([try forger.abort()], at: index)
            return .line(index + 1)
        },
        Forgery("two aborts", "a second abort") { forger in
            let index = try forger.index("gate-opened", ["gate": "close"])
            forger.insert([try forger.abort(), try forger.abort()], at: index)
            return .line(index + 1)
        },
        Forgery("an abort that the close leaves out", "how the ceremony ended") { forger in
            let index = try forger.index("gate-opened", ["gate": "close"])
            forger.insert([try forger.abort()], at: index)
            return .line(index + 1)
        },
        replacing("a close that tells of an abort", "gate-opened", at: "close", "how the ceremony ended") {
            $0["subject"]["close"]["aborted"] = .object(["by": "ben", "reason": "x"])
        },
        replacing("a close that does not know what took effect", "gate-opened", at: "close", "how the ceremony ended") {
            $0["subject"]["close"]["unsettled"] = .object(["kind": "import-intended", "seq": .integer(9)])
        },
        Forgery("a wrap that a service refused", "a refusal of what no service was asked") { forger in
            let index = try forger.index("wrap-intended") + 1
            forger.insert([try forger.refusal()], at: index)
            return .line(index)
        },
        Forgery("a refusal of nothing", "of something not intended") { forger in
            let index = try forger.index("wrap-intended")
            forger.insert([try forger.refusal()], at: index)
            return .line(index)
        },
        Forgery("a fetch that an earlier call may have made", "an earlier call of what may simply be asked again") {
            forger in
            let index = try forger.index("fetch-intended") + 1
            var refusal = try forger.refusal()
            refusal.body["earlierCall"] = .bool(true)
            forger.insert([refusal], at: index)
            return .line(index)
        },
        Forgery("an import that took effect after its refusal", "of something not intended") { forger in
            let index = try forger.index("imported")
            forger.insert([try forger.refusal()], at: index)
            return .line(index + 1)
        },
        replacing("a text in another form", "note", "percent-encoded") { $0["text"] = "%2D" },
        replacing("a text that is no UTF-8", "exception", "percent-encoded") { $0["why"] = "%C3" },
    ]

    private static let effects = [
        replacing("a fetch by another caller", "fetch-intended", "another caller than the plan has for it") {
            $0["caller"] = "arn:aws:iam::111122223333:user/mallory"
        },
        replacing("an import by nobody", "import-intended", "another caller than the plan has for it") {
            $0 = $0.without("caller")
        },
        replacing(
            "an activation that says who does it, where one does all", "gate-opened", at: "activate",
            "as another caller"
        ) {
            $0["subject"]["activate"]["caller"] = "arn:aws:iam::111122223333:user/rehearsal"
        },
        replacing("another caller that looked", "run-started", "other surroundings") {
            $0["environment"]["aws"]["caller"] = "arn:aws:iam::111122223333:user/mallory"
        },
        replacing("another token", "run-started", "other surroundings") { $0["environment"]["token"]["serial"] = "1" },
        replacing("another program", "run-started", "other surroundings") {
            $0["environment"]["programs"][0]["program"] = .string(Forger.otherDigest)
        },
        Forgery("a key that is not sensitive", "not what the plan demands") { forger in
            let index = try forger.index("generated")
            guard case .array(let attributes) = forger.lines[index].body["attributes"] else { return .line(0) }
            forger.lines[index].body["attributes"] = .array(
                attributes.map { $0["name"] == "CKA_SENSITIVE" ? .object(["name": $0["name"], "value": "false"]) : $0 })
            return .line(index)
        },
        Forgery("a key that came from elsewhere", "not what the plan demands") { forger in
            let index = try forger.index("generated")
            guard case .array(let attributes) = forger.lines[index].body["attributes"] else { return .line(0) }
            forger.lines[index].body["attributes"] = .array(attributes.filter { $0["name"] != "CKA_LOCAL" })
            return .line(index)
        },
        replacing("a wrap to another key", "wrap-intended", "a wrap that the release does not name") {
            $0["orders"][0]["spki"] = .string(Forger.otherDigest)
        },
        replacing("a wrap under another release", "wrap-intended", "a wrap under another release") {
            $0["release"] = 2
        },
        Forgery("a time that lies before the last", "its time lies before") { forger in
            let index = try forger.index("generated")
            let time = try #require(Timestamp(forger.lines[index].at))
            forger.lines[index].at = time.advanced(bySeconds: -3600).description
            return .line(index)
        },
        Forgery("a second self-test", "a second self-test") { forger in
            let tested = try forger.index("self-tested")
            forger.insert(forger.lines[(tested - 1)...tested], at: tested + 1)
            return .line(tested + 1)
        },
        replacing("a self-test in which something did not hold", "self-tested", "not everything held") {
            $0["held"] = .array([])
        },
        replacing("two rotations spent", "rotated", "more or fewer than one rotation") { $0["rotationsUsed"] = 2 },
        Forgery("a second wrap under one release", "a second wrap") { forger in
            let wrapped = try forger.index("wrapped")
            forger.insert(forger.lines[(wrapped - 1)...wrapped], at: wrapped + 1)
            return .line(wrapped + 1)
        },
        Forgery("a blob that was not ordered", "the blobs are not those") { forger in
            let wrapped = try forger.index("wrapped")
            guard case .array(let blobs) = forger.lines[wrapped].body["blobs"] else { return .line(0) }
            forger.lines[wrapped].body["blobs"] = .array(blobs + blobs.prefix(1))
            return .line(wrapped)
        },
        replacing("two wraps with one blob", "wrapped", "one blob for two wraps") {
            $0["blobs"][1]["blob"] = $0["blobs"][0]["blob"]
        },
        replacing("an import of another blob", "import-intended", "a blob that was not wrapped") {
            $0["blob"] = .string(Forger.otherDigest)
        },
        replacing("an import into another key", "import-intended", "an import into another key") {
            $0["key"] = "other"
        },
        Forgery("a result that nobody intended", "of something not intended") { forger in
            forger.lines.remove(at: try forger.index("import-intended"))
            return .line(try forger.index("imported"))
        },
        Forgery("an intent without a result", "before the one before it had a result") { forger in
            forger.lines.remove(at: try forger.index("imported"))
            return .line(try forger.index("prove-intended"))
        },
        replacing("a proof of other material", "prove-intended", "a proof of other material") {
            $0["material"] = .string(Forger.otherDigest)
        },
        Forgery("an activation without the proof", "something else than was imported") { forger in
            let proved = try forger.index("proved")
            forger.lines.removeSubrange((proved - 1)...proved)
            return .line(try forger.index("gate-opened", ["gate": "activate"]))
        },
        replacing("a rotation to other material", "rotate-intended", "the activation does not name") {
            $0["to"] = .string(Forger.otherDigest)
        },
        replacing("an alias that went elsewhere", "activation-verified", "did not come out as it was signed") {
            $0["aliasTarget"] = "other"
        },
    ]

    private static let ends = [
        Forgery("a close before the keys are settled", "a slot is not settled") { forger in
            let settled = try forger.index("settled")
            forger.lines.removeSubrange((settled - 1)...settled)
            return .line(try forger.index("gate-opened", ["gate": "close"]))
        },
        replacing("a close over another manifest", "closed", "another manifest") {
            $0["manifest"] = .string(Forger.otherDigest)
        },
        Forgery("a last line with a time of its own", "the time and host of the line before it") { forger in
            let last = forger.lines.count - 1
            let time = try #require(Timestamp(forger.lines[last].at))
            forger.lines[last].at = time.advanced(bySeconds: 1).description
            return .line(forger.lines.count - 1)
        },
        Forgery("a line after the last", "the ceremony was closed before it") { forger in
            forger.lines.append(forger.lines[try forger.index("run-started")])
            return .line(forger.lines.count - 1)
        },
        Forgery("another gate after the close", "it follows the close") { forger in
            let closed = forger.lines.count - 1
            let opened = try forger.index("gate-opened", ["gate": "activate"])
            forger.insert(forger.lines[opened...opened], at: closed)
            return .line(closed)
        },
        Forgery("an effect between the close and its end", "it follows the close") { forger in
            let closed = forger.lines.count - 1
            let tested = try forger.index("self-tested")
            forger.insert(forger.lines[(tested - 1)...tested], at: closed)
            return .line(closed)
        },
    ]
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
}
