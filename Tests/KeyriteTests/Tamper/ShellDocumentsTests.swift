import CryptoPrimitives
import Evidence
import Foundation
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
            "callers": [.object([:])], "endpoint": ["https://kms.eu-central-1.amazonaws.com"],
            "key": try GoldenDocuments.value(Roster.path)["members"].elements.map { $0["key"] },
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
            parts: ["words", "kinds", "shapes", "signatures", "roster.json", "terms", "plan.json"])
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
            parts: ["words", "kinds", "shapes", "signatures", "roster.json"])
        try await documents.expectSame { bytes in
            // Nothing else lies there: of a roster that holds, the signatures are missing, or the roster before it.
            do { _ = try RosterChain(reading: RosterAlone(bytes: bytes)) } catch let fault as RosterFault {
                guard fault.path != Roster.path else { throw fault.evidence }
            }
        } theirs: {
            $0[0].text
        }
    }

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
private struct Documents {
    /// Those that both take.
    let golden: [JSONValue]
    let others: [JSONValue]
    /// What verify.sh's rules are asked of them: JSON in a line for each.
    let filter: String
    /// The parts of the rules that it rests on.
    let parts: [String]

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
        #expect(verdicts.prefix(golden.count).map(\.ours) == golden.map { _ in "" }, sourceLocation: sourceLocation)
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
        let roster = try CanonicalJSON.encode(GoldenDocuments.roster())
        let run = try await runProcess(
            "jq",
            [
                "-rn", "--slurpfile", "roster", try folder.write(roster, to: "roster.json"), "--slurpfile", "rosters",
                "/dev/null", "--slurpfile", "plan",
                "/dev/null", "--arg", "rosterDigest", SHA256Digest(of: roster).hex, "-f", program, file,
            ])
        try #require(run.status == 0, "\(run.stderrText.prefix(2_000))")
        return try run.stdoutText.split(separator: "\n").map {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
        }
    }
}
