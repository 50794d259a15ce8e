import AWS
import CryptoPrimitives
import Evidence
import Foundation
import KeyriteCommands
import Room
import Testing

@Suite("What people read before they sign")
struct StatementTextTests {
    @Test("shows every field of every statement of a real ceremony whole, and exactly once")
    func realStatements() async throws {
        try await CeremonyRoom.with(rolesApart: true) { room in
            try await room.plan(definition: try await Self.everyStrategy(in: room))
            try await room.holdPlanned()
            let gates = try room.record().gates.passed
            #expect(gates.map(\.statement.gate) == Gate.allCases)
            for passed in gates {
                let bytes = try room.read(passed.statement.path)
                try checkWhole(bytes)
                try checkRefusals(bytes)
            }
            try checkPolicies(try room.read("statements/authorize-1.json"))
            try checkQuorum(try room.read("statements/authorize-1.json"))
        }
    }

    /// What the plan asks of the quorum stands among what it asks, also what the ceremony's people could not keep.
    private func checkQuorum(_ bytes: [UInt8]) throws {
        var statement = try CanonicalJSON.parse(bytes)
        #expect(statement["subject"]["authorize"]["policy"]["approvalHours"] == 12)
        statement["subject"]["authorize"]["policy"]["separate"] = .array([
            .object(["one": "authorize", "other": "release"]), .object(["one": "release", "other": "close"]),
        ])
        let changed = try CanonicalJSON.encode(statement)
        try checkWhole(changed)
        try checkRefusals(changed)
    }

    /// A key policy is shown line by line; one that could deceive is refused.
    private func checkPolicies(_ bytes: [UInt8]) throws {
        for (encoded, lines, isWritten) in [
            ("{%0A  \"a\": 1%0A}", ["{", "  \"a\": 1", "}"], false), ("{%0D%0A%09}", ["{", "    }"], true),
            ("{%C3%BC}", ["{\u{FC}}"], false), ("{%E2%80%AE}", nil, false), ("{%1B[2J}", nil, false),
            ("{%0}", nil, false),
        ] as [(String, [String]?, Bool)] {
            var statement = try CanonicalJSON.parse(bytes)
            statement["subject"]["authorize"]["slots"][2]["new"]["policy"] = .string(encoded)
            let changed = try CanonicalJSON.encode(statement)
            guard let lines else {
                #expect(throws: StatementNotShown.self, "\(encoded)") { try StatementText.read(changed) }
                continue
            }
            let texts = try StatementText.paragraphs(changed).map(\.text)
            #expect(lines.allSatisfy(texts.contains), "\(encoded): \(texts)")
            #expect(texts.contains(encoded) == isWritten, "\(encoded)")
        }
    }

    /// A definition with a key of each strategy; the replaced one has a grant, and gets a policy, tags and a text.
    private static func everyStrategy(in room: CeremonyRoom) async throws -> String {
        try await room.room.seedExternalKey(alias: "alias/ledger-production")
        let fresh = try await room.room.createPendingKey(description: "waits")
        let client = try room.room.client()
        let old = try await client.describeKey(.init(keyID: "alias/ledger-production")).output.keyMetadata.arn
        _ = try await client.call(
            CreateGrant.self,
            .init(
                keyID: old, operations: [.decrypt, .encrypt],
                granteePrincipal: "arn:aws:iam::111122223333:role/reader"))
        let policy = """
            {
              "Version": "2012-10-17",
              "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "kms:*",
                "Resource": "*"
              }
            }
            """
        try Data(policy.utf8).write(to: room.base.appending(path: "policy.json"))
        let definition = room.base.appending(path: "definition.yaml")
        let text = """
            schema: keyrite.definition/1
            title: Every strategy, naïvely
            windowHours: 24
            wrappingKeySpec: RSA_2048
            policy:
              rules: {close: [{role: custodian, count: 2}]}
              approvalHours: 12
            keys:
              - {alias: \(CeremonyRoom.alias), strategy: rotate, proof: true}
              - {key: "\(fresh)", alias: alias/claims-production, strategy: import, proof: true}
              - alias: alias/ledger-production
                strategy: replace
                proof: false
                policyFile: policy.json
                description: Größer
                tags: {Owner: payments}
            """
        try Data(text.utf8).write(to: definition)
        return definition.path
    }

    @Test("shows whole also what seldom is: refusals, exceptions, differences, an abort")
    func seldom() throws {
        for statement in try Self.seldomStatements() { try checkWhole(try CanonicalJSON.encode(statement)) }
    }

    @Test("shows across an air gap which host does what, by the fingerprints of their keys, and who can open the blobs")
    func gap() throws {
        let bytes = try CanonicalJSON.encode(Self.authorizedAcrossGap())
        try checkWhole(bytes)
        try checkRefusals(bytes)
        let shown = try StatementText.paragraphs(bytes).map { $0.lead + $0.text }
        for text in [
            "Has the HSM, and no network", "Reaches KMS, and has no HSM", "hsm-host", "connected-host",
            "SHA256:ivZIzqAbNgUJdkEKa78yN36tRFdrqTBo1aLlo0fxNfs", "SHA256:GmxteWN0j7RG4Qm2RIrT+fFrtyo1kvp9WrLxZmeGhX0",
            SHA256Digest(of: [1, 2, 3]).hex,
            PGPWords.spell(SHA256Digest(of: [1, 2, 3]).bytes).joined(separator: " "),
        ] { #expect(shown.contains { $0.contains(text) }, "\(text) in \(shown)") }
        for (key, value) in [("sealing", "no base64"), ("sealing", "")] {
            var statement = try CanonicalJSON.parse(bytes)
            statement["subject"]["authorize"]["gap"][key] = .string(value)
            #expect(throws: StatementNotShown.self) { try StatementText.read(try CanonicalJSON.encode(statement)) }
        }
        var statement = try CanonicalJSON.parse(bytes)
        statement["subject"]["authorize"]["gap"]["hsm"]["key"] = "ssh-rsa AAAA"
        #expect(throws: StatementNotShown.self) { try StatementText.read(try CanonicalJSON.encode(statement)) }
    }

    /// Every leaf of the JSON is one field, with its value, and every field is a leaf.
    private func checkWhole(_ bytes: [UInt8]) throws {
        let items = try StatementText.read(bytes)
        try checkThings(bytes, items)
        var shown: [String: String] = [:]
        for case .field(let label, let value, let paths, _) in items {
            #expect(!label.isEmpty)
            for path in paths {
                #expect(shown[path] == nil, "\(path) is shown twice")
                shown[path] = paths.count == 2 && path == paths[0] ? label : value
            }
        }
        for case .document(_, let lines, let path, _) in items {
            #expect(shown[path] == nil, "\(path) is shown twice")
            shown[path] = lines.joined(separator: "\n")
        }
        let leaves = Self.leaves(try CanonicalJSON.parse(bytes), at: "$")
        #expect(Set(shown.keys) == Set(leaves.map(\.path)))
        for leaf in leaves {
            let value = shown[leaf.path]
            let isWritten = items.contains { if case .asWritten(leaf.text, _) = $0 { true } else { false } }
            #expect(
                value == leaf.text || (try? PercentEncoding.decode(leaf.text)) == value
                    || isWritten && Self.short(leaf.text) == value,
                "\(leaf.path) is shown as \(value ?? "nothing")")
        }
        guard case .field(_, let digest, [], _) = items[1] else {
            Issue.record("the digest does not come first")
            return
        }
        #expect(digest == SHA256Digest(of: bytes).hex)
    }

    /// What people compare of a key or a certificate; they are shown the whole of it besides.
    private static func short(_ text: String) -> String? {
        (try? SSHPublicKey(line: text).fingerprint) ?? Base64.decode(text).map { SHA256Digest(of: $0).hex }
    }

    /// People are asked about all of it, once, thing by thing; what is signed comes with the first.
    private func checkThings(_ bytes: [UInt8], _ items: [StatementText.Item]) throws {
        let things = try StatementThing.all(of: bytes)
        func counts(_ items: [StatementText.Item]) -> [StatementText.Item: Int] {
            items.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(counts(things.flatMap(\.items)) == counts(items))
        #expect(things.allSatisfy { $0.question.hasSuffix("?") && !$0.items.isEmpty })
        #expect(things[0].items.prefix(3) == items.prefix(3))
    }

    @Test("each key is asked about by itself, and so is each exception; a list too long for that as a whole")
    func things() throws {
        let statement = try #require(Self.seldomStatements().first { !$0.exceptions.isEmpty })
        let things = try StatementThing.all(of: try CanonicalJSON.encode(statement))
        let exceptions = things.filter { $0.title.hasPrefix("Exceptions ") }
        #expect(exceptions.count == statement.exceptions.count)
        #expect(exceptions.allSatisfy { $0.question == "Do you accept this deviation?" })

        let most = StatementThing.mostAskedOneByOne
        for (count, asked) in [(1, 1), (most, most), (most + 1, 0)] {
            var json = try CanonicalJSON.parse(try CanonicalJSON.encode(statement))
            let one = try CanonicalJSON.parse(CanonicalJSON.encode(statement.exceptions[0]))
            json["exceptions"] = .array(Array(repeating: one, count: count))
            let things = try StatementThing.all(of: try CanonicalJSON.encode(json))
            #expect(things.count { $0.title.hasPrefix("Exceptions ") } == asked)
        }
    }

    private static func leaves(_ value: JSONValue, at path: String) -> [(path: String, text: String)] {
        switch value {
        case .object(let members): members.flatMap { leaves($1, at: "\(path).\($0)") }
        case .array(let elements) where elements.isEmpty: [(path, "none")]
        case .array(let elements): elements.enumerated().flatMap { leaves($1, at: "\(path)[\($0)]") }
        case .string(let text): [(path, text)]
        case .integer(let number): [(path, "\(number)")]
        case .bool(let flag): [(path, flag ? "yes" : "no")]
        }
    }

    /// A field more anywhere is refused; so is one less, but for the few that may be absent.
    private func checkRefusals(_ bytes: [UInt8]) throws {
        let value = try CanonicalJSON.parse(bytes)
        for (path, changed) in Self.changes(of: value, at: "$", { $0["unknown"] = .string("x") }) {
            #expect(throws: StatementNotShown.self, "\(path)") {
                try StatementText.read(try CanonicalJSON.encode(changed))
            }
        }
        for (path, changed) in Self.omissions(of: value, at: "$") {
            let read = Result { try StatementText.read(try CanonicalJSON.encode(changed)) }
            let parts = path.split(separator: ".")
            if parts.last.map(Self.mayBeAbsent.contains) == true || parts.count == 3 && parts[1] == "subject"
                || path == "$.subject.activate.caller"
            {
                continue
            }
            #expect(throws: StatementNotShown.self, "\(path)") { try read.get() }
        }
    }

    /// What a statement can be without: what was done under an earlier release, and what only some strategies have.
    private static let mayBeAbsent: Set<Substring> = [
        "description", "backup", "detail", "approvalHours",
        "import", "proof", "alias", "createsAlias", "currentMaterial", "rotationsUsed", "probe", "new", "old", "grants",
        "name", "gap", "machine", "unsettled", "callers", "create", "activator",
        "retiring", "constraints", "aliasTargetBefore", "aliasTargetAfter", "materialBefore",
        "label", "id", "revoked", "revocations", "intendedBefore", "wrapping", "reimported", "expiryBefore",
        "descriptionBefore", "hsmKey", "checkValues",
    ]

    /// The document with each of its objects changed, one at a time.
    private static func changes(
        of value: JSONValue, at path: String, _ change: (inout [String: JSONValue]) -> Void
    ) -> [(path: String, value: JSONValue)] {
        switch value {
        case .object(let members):
            var own = members
            change(&own)
            return [(path, .object(own))]
                + members.flatMap { key, member in
                    changes(of: member, at: "\(path).\(key)", change).map { inner in
                        (inner.path, .object(members.merging([key: inner.value]) { $1 }))
                    }
                }
        case .array(let elements):
            return elements.enumerated().flatMap { index, element in
                changes(of: element, at: "\(path)[\(index)]", change).map { inner in
                    var copy = elements
                    copy[index] = inner.value
                    return (inner.path, .array(copy))
                }
            }
        default: return []
        }
    }

    /// The document with each of its fields left out, one at a time.
    private static func omissions(of value: JSONValue, at path: String) -> [(path: String, value: JSONValue)] {
        switch value {
        case .object(let members):
            members.flatMap { key, member in
                [("\(path).\(key)", JSONValue.object(members.filter { $0.key != key }))]
                    + omissions(of: member, at: "\(path).\(key)").map { inner in
                        (inner.path, .object(members.merging([key: inner.value]) { $1 }))
                    }
            }
        case .array(let elements):
            elements.enumerated().flatMap { index, element in
                omissions(of: element, at: "\(path)[\(index)]").map { inner in
                    var copy = elements
                    copy[index] = inner.value
                    return (inner.path, .array(copy))
                }
            }
        default: []
        }
    }

    @Test(
        "refuses text that could deceive, and shows other people's letters",
        arguments: [
            ("wrong day", true), ("M%C3%B6ntag", true), ("100%25", true), ("%E6%97%A5%E6%9C%AC", true),
            ("abc%E2%80%AEcba", false), ("%E2%81%A6x", false), ("%1B[2Jx", false), ("two%0Alines", false),
            ("tab%09", false), ("zero%E2%80%8Bwidth", false), ("%EF%BB%BFx", false), ("%C2%9Bx", false),
            ("%EE%80%80", false), ("%E2%80%A8", false), ("%F3%A0%81%81", false), ("%ff", false), ("%C3", false),
        ])
    func deception(reason: String, isShown: Bool) throws {
        let bytes = try CanonicalJSON.encode(Self.aborted(reason: reason))
        if isShown {
            let text = try PercentEncoding.decode(reason)
            let items = try StatementText.read(bytes)
            #expect(
                items.contains {
                    if case .field(_, let value, ["$.subject.close.aborted.reason"], _) = $0 {
                        value == text
                    } else {
                        false
                    }
                })
            #expect(items.contains { if case .asWritten(reason, _) = $0 { true } else { false } } == (text != reason))
        } else {
            #expect(throws: StatementNotShown.self) { try StatementText.read(bytes) }
        }
    }

    @Test("loses nothing at any width, and is no wider", arguments: [40, 57, 80, 132])
    func width(columns: Int) throws {
        for statement in try Self.seldomStatements() {
            let paragraphs = try StatementText.paragraphs(try CanonicalJSON.encode(statement))
            for paragraph in paragraphs {
                let lines = paragraph.lines(width: columns)
                #expect(lines.allSatisfy { $0.text.count <= columns }, "\(lines)")
                let whole = (paragraph.lead + paragraph.text).filter { $0 != " " }
                #expect(lines.map(\.text).joined().filter { $0 != " " } == whole)
            }
        }
    }

    private static let digest = SHA256Digest(of: [1, 2, 3])
    private static let time = Timestamp(epochSeconds: 1_795_458_000)

    private static func aborted(reason: String) -> Statement {
        statement(
            .close(
                CloseSubject(
                    head: digest.hex, lines: 12, aborted: Aborted(by: "dan", reason: reason),
                    exceptions: [digest, SHA256Digest(of: [4])], manifest: digest)))
    }

    private static func seldomStatements() throws -> [Statement] {
        let target = WrappingTarget(spki: digest, token: digest)
        let arn = "arn:aws:kms:eu-central-1:111122223333:key/26233532-23d1-4dc6-9f1c-45ac1a4992cd"
        return [
            aborted(reason: "the room is on fire; Stra%C3%9Fe"),
            statement(
                .release(
                    ReleaseSubject(
                        keySpec: "RSA_4096", caller: "arn:aws:iam::1:user/a%25b",
                        activator: "arn:aws:iam::1:user/c%25d",
                        endpoint: "https://kms.eu-central-1.amazonaws.com", token: "0042", deadline: time,
                        warnings: [RecordedFinding(check: "wrap templates", result: .warn, detail: "%25 ignored")],
                        differences: [
                            Difference(slot: "a", what: "key policy", planned: digest.hex, observed: "none")
                        ],
                        slots: [
                            ReleaseSlot(
                                slot: "a", key: arn, algorithm: .oaep, commitment: "00112233445566778899aabbccddeeff",
                                takesEffect: .atActivation, expiry: ReleaseSlot.never, import: target, proof: nil),
                            ReleaseSlot(
                                slot: "b", key: arn, algorithm: .rsaAES, commitment: "ff112233445566778899aabbccddee00",
                                takesEffect: .atImport, expiry: ReleaseSlot.never, import: target, proof: target),
                        ], activations: [folded(arn)]))),
        ]
    }

    private static func folded(_ arn: String) -> FoldedActivation {
        let slot = PlanSlot(
            slot: "a", strategy: .rotate, keySpec: .symmetric, keyUsage: .encryptDecrypt, key: arn, alias: "alias/a",
            label: "a", id: "a", description: nil, currentMaterial: "old", policy: digest, proof: .none)
        return FoldedActivation(
            of: slot, key: arn, commitment: "00112233445566778899aabbccddeeff", aliasTargetBefore: arn, policy: digest,
            rotationsUsed: 3, backup: digest)
    }

    private static func authorizedAcrossGap() -> Statement {
        let aws = AWSEnvironment(
            partition: "aws", account: "111122223333", region: "eu-central-1",
            endpoint: "https://kms.eu-central-1.amazonaws.com", stsEndpoint: "https://sts.eu-central-1.amazonaws.com",
            authorities: "system", proxy: "none", caller: "arn:aws:iam::111122223333:user/ceremony",
            callers: RoleCallers(
                create: "arn:aws:iam::111122223333:user/create", fetch: "arn:aws:iam::111122223333:user/fetch",
                import: "arn:aws:iam::111122223333:user/import", activate: "arn:aws:iam::111122223333:user/activate"))
        let gap = AirGap(
            hsm: GapHost(
                host: "hsm-host",
                key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqi"),
            connected: GapHost(
                host: "connected-host",
                key: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBSFhhQkSucv9K+gY1pSsxeY"
                    + "i/PgPOtpmyKAKYhUGkBpbUQ2fHdzl2w00vzBAyM/2iphjg5lPI7Z+CGBJs0WLfo="),
            sealing: Base64.encode([1, 2, 3]))
        let plan = Plan(
            mode: .live, ceremony: "2026-11-23-00000000", nonce: digest.hex, title: "A test", created: time,
            window: Validity(from: time, until: time), roster: digest,
            environment: CeremonyEnvironment(
                aws: aws, token: TokenIdentity(label: "vault", manufacturer: "m", model: "m", serial: "0042"),
                module: digest, programs: []),
            gap: gap, wrapping: Wrapping(keySpec: "RSA_4096"), profiles: [], slots: [])
        return statement(.authorize(AuthorizeSubject(of: plan)))
    }

    private static func statement(_ subject: Subject) -> Statement {
        Statement(
            mode: .live, ceremony: "2026-11-23-00000000", nonce: digest.hex, gate: subject.gate, attempt: 3,
            plan: digest, roster: digest, environment: digest, anchor: Anchor(seq: 11, head: digest.hex),
            earlier: [EarlierGate(gate: .authorize, attempt: 2, statement: digest)],
            decisions: [
                EarlierDecision(gate: .authorize, attempt: 1, name: "carol", decision: .refuse, approval: digest)
            ],
            exceptions: [
                StatedException(
                    seq: 7,
                    exception: Deviation(
                        by: "ben", what: "the camera was off",
                        why: "caf%C3%A9 in the %22socket%22".replacing("%22", with: "\""),
                        remedy: "a second one runs")),
                StatedException(
                    seq: 8,
                    exception: Deviation(
                        by: "ada", what: "another machine", why: "a full disk", remedy: "signed again",
                        machine: OtherMachine(
                            host: "spare", program: SHA256Digest(of: [5]),
                            unsettled: UnsettledEffect(seq: 6, kind: .importIntended)))),
            ],
            subject: subject, validity: Validity(from: time, until: time))
    }
}
