import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// What one verifier takes and the other refuses, or refuses for something else, is a fault of one of them: an auditor holds the
/// two to each other.
@Suite("Both verifiers say the same of a document")
struct ShellDocumentsTests {
    // What is left to the shell after its rules is done here: the digests of policies, and the certificate.
    @Test("a plan, whatever stands in its fields; and fields missing or more")
    func plans() async throws {
        let roster = try CanonicalJSON.encode(GoldenDocuments.roster())
        let edition = try RosterEdition(try Roster(json: roster), bytes: roster, after: nil)
        let golden = try GoldenDocuments.plans()
        let words: [String: [JSONValue]] = [
            "strategy": Strategy.allCases.map { .string($0.rawValue) },
            "keySpec": KeySpec.allCases.map { .string($0.rawValue) } + ["RSA_1024"],
            "keyUsage": ["ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "SIGN_VERIFY", "KEY_AGREEMENT"],
            "proof": ["none", "second import", "imported as existing", "commitment"],
            "retention": Retention.allCases.map { .string($0.rawValue) },
            "way": ["direct", "by token", "composed"],
            "algorithm": ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"],
            "gate": Gate.allCases.map { .string($0.rawValue) }, "one": Gate.allCases.map { .string($0.rawValue) },
            "other": Gate.allCases.map { .string($0.rawValue) },
            "role": Role.allCases.map { .string($0.rawValue) },
            "count": [3, 4, 5], "approvalHours": [1, 168, 169], "rotationsUsed": [24, 25, 26],
            "expiry": [
                "never", "2026-11-28T04:06:16Z", "2026-11-28T04:06:17Z", "2027-11-27T04:06:16Z", "2027-11-27T04:06:17Z",
            ],
            "until": ["2026-11-27T04:06:15Z", "2026-12-04T05:06:15Z", "2026-12-04T05:06:16Z"],
            "callers": [.object([:])],
            "endpoint": ["https://kms.eu-central-1.amazonaws.com", "https://", "https://a b", "ftp://kms.example"],
            "partition": ["aws-cn", "aws-", "awsome", "AWS"], "account": ["11112222333", "1111222233334"],
            "region": ["eu central", "EU-CENTRAL-1"], "authorities": [.string(SHA256Digest(of: []).hex)],
            "created": ["2026-11-27T04:06:17Z", "2026-11-27T04:06:15Z"],
            "alias": ["alias/aws/s3", "alias/", "alias/a.b", "payments-production", "alias/a/b"],
            "slot": ["payments", "a.b"], "ciphertext": ["AQ==", "AR==", "AQ", "AQ== "],
            "description": ["a b/c:d_e.f-g", .string(String(repeating: "a", count: 257))],
            "currentMaterial": [.string(String(repeating: "a", count: 65))],
            "key": [
                "arn:aws:kms:eu-central-1:444455556666:key/1", "arn:aws:kms:eu-west-1:111122223333:key/1",
                "arn:aws:kms:eu-central-1:111122223333:key/", "arn:aws:kms:eu-central-1:111122223333:key/a b",
                "arn:aws:kms:eu-central-1:111122223333:alias/a",
            ] + (try GoldenDocuments.value(Roster.path)["members"].elements.map { $0["key"] }),
        ]
        let certificate = golden.map { $0["gap"]["sealing"].text }.first { !$0.isEmpty }
        let plans = OtherDocuments(of: golden, words: words).all
        let documents = Documents(
            golden: golden, others: plans,
            filter: """
                inputs | plan_facts
                | if .refused then [.refused.reason] else [""] + [.texts[] | select(.[0] | IN("policy", "sealing"))] end
                | tojson
                """,
            parts: ["words", "kinds", "shapes", "signatures", "roster.json", "terms", "plan.json"],
            facts: [
                "roster": .array([try GoldenDocuments.roster()]),
                "rosterDigest": .string(SHA256Digest(of: roster).hex),
            ])
        try await documents.expectSame { bytes in
            _ = try Plan(json: bytes, for: edition)
        } theirs: { answer in
            let left = answer.elements.dropFirst().map { $0.elements.map(\.text) }
            let forged = left.first { $0[0] == "policy" && SHA256Digest(of: Self.printed($0[3])).hex != $0[1] }
            if let forged { return "\(forged[2]) has a policy of another digest" }
            // What is base64 goes to openssl, which would take this one certificate.
            if left.contains(where: { $0[0] == "sealing" && $0[1] != certificate }) {
                return "its sealing certificate is none"
            }
            return answer[0].text
        }
    }

    @Test("a live plan with an endpoint on its own machine, in any writing, or a token in software")
    func livePlans() async throws {
        var live = try GoldenDocuments.roster()
        live["mode"] = "live"
        let roster = try CanonicalJSON.encode(live)
        let edition = try RosterEdition(try Roster(json: roster), bytes: roster, after: nil)
        var golden = try #require(try GoldenDocuments.plans().first)
        (golden["mode"], golden["roster"]) = ("live", .string(SHA256Digest(of: roster).hex))
        for name in ["manufacturer", "model"] { golden["environment"]["token"][name] = "Luna" }
        for name in ["endpoint", "stsEndpoint"] { golden["environment"]["aws"][name] = "https://kms.example" }
        let hosts = [
            "127.0.0.1", "127.0.0.1:4566", "localhost", "LOCALHOST.:1", "a.localhost/", "localhost.localdomain",
            "ip6-loopback", "[::1]:1", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "127.1", "0x7f.1", "2130706433",
            "0177.0.0.1", "0.0.0.0", "127.0.0.1.", "", ".", "10.0.0.1", "[fd00::1]", "1a", "localhost.example",
            "127.example", "0xa", "1.2.3.04",
        ]
        let others = hosts.flatMap { host in
            ["endpoint", "stsEndpoint"].map { name in
                var plan = golden
                plan["environment"]["aws"][name] = .string("https://" + host)
                return plan
            }
        }
        let tokens = ["manufacturer", "model"].map { name in
            var plan = golden
            plan["environment"]["token"][name] = "SoftHSM v2"
            return plan
        }
        let documents = Documents(
            golden: [golden], others: others + tokens,
            filter: "inputs | plan_facts | [.refused.reason // \"\"] | tojson",
            parts: ["words", "kinds", "shapes", "signatures", "roster.json", "terms", "plan.json"],
            facts: ["roster": .array([live]), "rosterDigest": .string(SHA256Digest(of: roster).hex)])
        try await documents.expectSame { bytes in
            _ = try Plan(json: bytes, for: edition)
        } theirs: {
            $0[0].text
        }
        let fault = "it is live, with a token in software or an endpoint on its own machine"
        let refused = try (others + tokens).map { plan in
            do {
                _ = try Plan(json: try CanonicalJSON.encode(plan), for: edition)
                return false
            } catch let error as EvidenceError { return error.reason == fault }
        }
        #expect(refused.count { $0 } == 2 * 20 + 2)
    }

    @Test("a roster, whatever stands in its fields; and fields missing or more")
    func rosters() async throws {
        let golden = try GoldenDocuments.rosters()
        let words: [String: [JSONValue]] = [
            "role": Role.allCases.map { .string($0.rawValue) }, "count": [3, 4, 5], "sequence": [3],
            "name": ["ben", "bob", "zoe", "0", "a--"], "userPresence": ["none", "touched", "verified"],
            "key": golden[0]["members"].elements.map { $0["key"] } + [
                try GoldenDocuments.strangers()[0], "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQM=",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqi",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ],
        ]
        let documents = Documents(
            golden: golden, others: OtherDocuments(of: golden, words: words).all,
            filter: "inputs | roster_facts | [.refused.reason // \"\"] | tojson",
            parts: ["words", "kinds", "shapes", "signatures", "roster.json"], facts: [:])
        try await documents.expectSame { bytes in
            // Nothing else lies there: of a roster that holds, the signatures are missing, or the roster before it.
            do { _ = try RosterChain(reading: RosterAlone(bytes: bytes)) } catch let fault as RosterFault {
                guard fault.path != Roster.path else { throw fault.evidence }
            }
        } theirs: {
            $0[0].text
        }
    }

    @Test("an approval, or a refusal, of one statement")
    func approvals() async throws {
        let roster = try Roster(json: try GoldenDocuments.bytes(Roster.path))
        let bytes = try GoldenDocuments.bytes(Statement.path(.release, 1))
        let statement = try CanonicalJSON.decode(Statement.self, from: bytes)
        let digest = SHA256Digest(of: bytes)
        let path = Approval.path(.release, 1, "ben")
        let approval = try GoldenDocuments.value(path)
        let signature = try GoldenDocuments.bytes(path + ".sig")
        let recorded = try #require(Timestamp("2026-11-27T04:07:00Z"))
        var refusal = approval
        (refusal["decision"], refusal["reason"]) = ("refuse", "the seal is broken")
        let keys = try roster.members.map { ($0.name, JSONValue.string(try $0.publicKey().fingerprint)) }
        let golden = [approval, refusal]
        let words: [String: [JSONValue]] = [
            "gate": Gate.allCases.map { .string($0.rawValue) }, "role": Role.allCases.map { .string($0.rawValue) },
            "name": keys.map { .string($0.0) }, "key": keys.map(\.1), "mode": ["live"],
            "at": [statement.validity.from, statement.validity.until, recorded].flatMap { time in
                [-1, 0, 1].map { .string(time.advanced(bySeconds: $0).description) }
            },
        ]
        let documents = Documents(
            golden: golden, others: OtherDocuments(of: golden, words: words).all,
            filter: """
                inputs | . as $said
                | {digest: "a", signature: "b", body: $said} as $file
                | {approval: "a", signature: "b", name: (.name? // ""), decision: (.decision? // "")} as $body
                | try ({counted: []}
                    | check_approval("an approval"; $file; {statement: $said0, digest: $digest0}; $body; $at0; $keys0) | [""]) catch [.reason] | tojson
                """,
            parts: ["words", "kinds", "shapes", "signatures", "terms", "ceremony"],
            facts: [
                "plan": .array([try GoldenDocuments.value(Plan.path)]),
                "roster": .array([try GoldenDocuments.value(Roster.path)]),
                "said0": try CanonicalJSON.parse(bytes), "digest0": .string(digest.hex),
                "at0": .string(recorded.description), "keys0": .object(Dictionary(uniqueKeysWithValues: keys)),
            ])
        try await documents.expectSame { bytes in
            do {
                _ = try Approval.check(
                    bytes, signature: signature, statement: statement, digest: digest,
                    roster: roster, now: recorded)
            } catch ApprovalRefusal.signature, ApprovalRefusal.noUserPresence {
                // ssh-keygen says so.
            } catch let refusal as ApprovalRefusal { throw EvidenceError(path, refusal.what) }
        } theirs: {
            $0[0].text
        }
    }

    @Test("what a host of an air gap handed over")
    func handovers() async throws {
        let planned = try #require(try GoldenDocuments.plans().last)
        let plan = try CanonicalJSON.decode(Plan.self, from: try CanonicalJSON.encode(planned))
        var said = try CanonicalJSON.parse(
            try GoldenDocuments.bytes("../handover.json", of: GoldenDocuments.firstExample))
        (said["ceremony"], said["from"], said["to"]) = (planned["ceremony"], "vault", "desk")
        let announced = AnnouncedHandover(
            number: Int(try said["number"].number), from: "vault", to: "desk", seq: Int(try said["seq"].number),
            head: said["head"].text, at: try #require(Timestamp(said["at"].text)))
        let documents = Documents(
            golden: [said], others: OtherDocuments(of: [said], words: ["mode": ["live"], "from": ["desk"]]).all,
            filter: """
                inputs | . as $said
                | try ({carried: $carried0} | check_announced("a hand-over"; $said) | [""]) catch [.reason] | tojson
                """,
            parts: ["words", "kinds", "shapes", "signatures", "terms", "ceremony"],
            facts: ["plan": .array([planned]), "carried0": said])
        try await documents.expectSame { bytes in
            do {
                _ = try Handover.check(bytes, signature: [], announced: announced, plan: plan)
            } catch let error as EvidenceError where error.path == Handover.signaturePath(announced.number) {
                // ssh-keygen says so.
            }
        } theirs: {
            $0[0].text
        }
    }

    @Test("an attestation")
    func attestations() async throws {
        let roster = try Roster(json: try GoldenDocuments.bytes(Roster.path))
        let key = try roster.members[1].publicKey().fingerprint
        let digest = JSONValue.string(SHA256Digest(of: []).hex)
        let bytes = try CanonicalJSON.encode(
            [
                "_type": .string(CeremonyStatement.currentType),
                "predicateType": .string(CeremonyStatement.currentPredicateType), "subject": .array([]),
                "predicate": .object([
                    "ceremony": "c", "mode": "rehearsal", "roster": digest, "plan": digest, "head": digest, "lines": 1,
                    "closed": .string(roster.members[1].validFrom.description),
                    "schema": .string(CeremonyStatement.currentSchema),
                ]),
            ] as [String: JSONValue])
        let statement = try CanonicalJSON.decode(CeremonyStatement.self, from: bytes)
        let golden = try CanonicalJSON.parse(
            CanonicalJSON.encode(Attestation(statement: bytes, signature: [0x30, 0], keyID: key)))
        let documents = Documents(
            golden: [golden], others: OtherDocuments(of: [golden]).all,
            filter: #"inputs | attestation_facts | [.refused.reason // ""] | tojson"#,
            parts: ["words", "shapes", "attestation.json"], facts: [:])
        // What it states, who signed it and whether that holds is looked at by the shell.
        let left = ["it does not state", "no member of the roster", "its signature does not hold"]
        try await documents.expectSame { bytes in
            do {
                _ = try Attestation.check(bytes, statement: statement, roster: roster)
            } catch let error as EvidenceError where left.contains(where: error.reason.hasPrefix) {}
        } theirs: {
            $0[0].text
        }
    }

    @Test("what AWS's own record came to: which form, and of which ceremony")
    func reconciliations() async throws {
        try await RecordedFolder.with(kept: true) { copy in
            let (record, lines) = (try copy.record, try copy.lines())
            let rest = try lines.dropFirst().flatMap { try CanonicalJSON.encode($0) + [UInt8(ascii: "\n")] }
            let head = try #require(record.transcript.digests.last)
            let documents = Documents(
                golden: [lines[0]], others: OtherDocuments(of: [lines[0]], words: Self.ofReconciliations).all,
                filter: #"inputs | try (check_summary | [""]) catch [.reason] | tojson"#,
                parts: ["words", "kinds", "shapes", "terms", "reconciliation.jsonl"],
                facts: [
                    "plan": .array([try CanonicalJSON.parse(try copy.folder.read(Plan.path))]),
                    "planDigest": .string(record.planDigest.hex), "head": .string(head.hex),
                    "lines": .integer(Int64(record.transcript.lines.count)),
                ])
            let asked = ["it is no line", "it is of another"]
            try await documents.expectSame { bytes in
                do { _ = try ReconciliationFile.check(bytes + [UInt8(ascii: "\n")] + rest, of: record) } catch {
                    // What follows from the events is another test's.
                    let fault = error as? EvidenceError
                    guard let fault, fault.line == 1, asked.contains(where: fault.reason.hasPrefix) else { return }
                    throw error
                }
            } theirs: {
                $0[0].text
            }
        }
    }

    private static let ofReconciliations: [String: [JSONValue]] = [
        "schema": ["keyrite.reconciliation/1", "keyrite.reconciliation/2", "keyrite.reconciliation/3"],
        "source": ["exported", "looked-up"], "result": ["agreed", "not-agreed"],
        "standing": ["matched", "differs", "missing", "not-yet", "not-seen"], "clockOffset": [-1],
    ]

    /// What is left to the shell: what printf makes of a policy, whose digest it compares.
    private static func printed(_ text: String) -> [UInt8] {
        var (rest, bytes) = (Array(text.utf8)[...], [UInt8]())
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else { bytes.append(byte); continue }
            guard rest.first == UInt8(ascii: "0") else { bytes.append(rest.removeFirst()); continue }
            bytes.append(UInt8(String(decoding: rest.dropFirst().prefix(3), as: UTF8.self), radix: 8) ?? 0)
            rest = rest.dropFirst(4)
        }
        return bytes
    }
}

private struct RosterAlone: EvidenceFolder {
    let bytes: [UInt8]

    func files() throws -> [String] { [Roster.path] }

    func read(_ path: String) throws -> [UInt8] {
        guard path == Roster.path else { throw EvidenceError(path, "it is missing") }
        return bytes
    }
}

/// Documents that both verifiers are asked about.
struct Documents {
    /// Those that both take.
    let golden: [JSONValue]
    let others: [JSONValue]
    /// What verify.sh's rules are asked of them: JSON in a line for each.
    let filter: String
    /// The parts of the rules that it rests on.
    let parts: [String]
    /// What they are given.
    let facts: [String: JSONValue]

    func expectSame(
        ours: (_ bytes: [UInt8]) throws -> Void, theirs: (_ answer: JSONValue) -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let written = try (golden + others).map { try CanonicalJSON.encode($0) }
        async let asked = answers(written)
        let own = written.map { Self.verdict(on: $0, ours) }
        let answers = try await asked
        try #require(answers.count == written.count)
        let verdicts = zip(written, zip(own, answers)).map { (bytes: $0, ours: $1.0, theirs: theirs($1.1)) }
        let differing = verdicts.filter { Judgement.sentence($0.ours) != Judgement.sentence($0.theirs) }
        var kinds: Set<[String]> = []
        let words = differing.filter { kinds.insert([$0.ours, $0.theirs].map(Judgement.sentence)).inserted }.map {
            "keyrite: \($0.ours)\nverify.sh: \($0.theirs)\n\(String(decoding: $0.bytes, as: UTF8.self))"
        }
        #expect(
            differing.isEmpty, "\(differing.count): \(words.joined(separator: "\n"))", sourceLocation: sourceLocation)
        #expect(own.prefix(golden.count) == golden.map { _ in "" }[...], sourceLocation: sourceLocation)
        #expect(own.contains { $0 != "" }, sourceLocation: sourceLocation)
    }

    /// What is wrong with a document; nothing where it is one.
    private static func verdict(on bytes: [UInt8], _ check: ([UInt8]) throws -> Void) -> String {
        do { try check(bytes) } catch { return (error as? EvidenceError)?.reason ?? "\(error)" }
        return ""
    }

    private func answers(_ documents: [[UInt8]]) async throws -> [JSONValue] {
        let folder = try TemporaryFolder()
        let rules = try parts.map { try VerifyScript.rules($0) } + [filter]
        let program = try folder.write(Array(rules.joined(separator: "\n").utf8), to: "rules.jq")
        let file = try folder.write(Array(documents.joined(separator: Array("\n".utf8))), to: "documents")
        let given = try Self.facts.merging(facts) { $1 }.flatMap { name, value in
            ["--argjson", name, String(decoding: try CanonicalJSON.encode(value), as: UTF8.self)]
        }
        let run = try await runProcess("jq", ["-rn"] + given + ["-f", program, file])
        try #require(run.status == 0, "\(run.stderrText.prefix(2_000))")
        return try run.stdoutText.split(separator: "\n").map {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
        }
    }

    /// What the rules are given, all that they ever ask for.
    private static let facts = Dictionary(
        uniqueKeysWithValues: [
            "plan", "roster", "rosters", "recorded", "handed", "rosterDigest", "planDigest", "sums", "armors",
            "digests",
            "fingerprints", "said", "publicKeys", "sealing", "files", "rosterFiles", "head", "lines", "manifest",
            "manifestDigest", "late",
        ].map { ($0, JSONValue.string("")) })
}
