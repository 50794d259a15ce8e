import CryptoPrimitives
import Evidence
import Testing

// What nothing can be called, and what nobody can count: nothing later in a folder contradicts it, and people would sign it.
extension Tampering.ForgedTranscriptTests {
    @Test("a plan has a name that nothing can have, or a value that means nothing", arguments: ForgedPlan.ofNames)
    func names(_ forged: ForgedPlan) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forged) }
    }

    @Test("a statement has a time or a count that none can have", arguments: Forgery.ofNames)
    func names(_ forgery: Forgery) async throws {
        try await Tampering.withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
    }
}

extension ForgedPlan {
    private static let (key, alias) = ("none of the plan's account and Region", "none that a customer's key can have")
    private static let programs = "it names no program, one of them twice, or one of no host"
    private static let (probe, encoding) = ("no ciphertext in base64's one form", "not percent-encoded in its one form")

    static let ofNames = [
        slot(0, key) { $0["key"] = "" },
        slot(0, key) { $0["key"] = .string($0["key"].text.replacing("111122223333", with: "444455556666")) },
        slot(0, key) { $0["key"] = .string($0["key"].text.replacing("eu-central-1", with: "eu-west-1")) },
        slot(0, key) { $0["key"] = .string($0["key"].text.replacing("arn:aws:", with: "arn:aws-cn:")) },
        slot(0, key) { $0["key"] = .string($0["key"].text + " ") },
        slot(0, alias) { $0["alias"] = "" },
        slot(0, alias) { $0["alias"] = "payments-production" },
        slot(0, alias) { $0["alias"] = "alias/" },
        slot(0, alias) { $0["alias"] = "alias/aws/s3" },
        slot(0, alias) { $0["alias"] = "alias/payments.production" },
        slot(0, "is called neither by its alias nor") { $0["alias"] = "alias/other" },
        slot(0, "has no label, or one with a % in it") { $0["label"] = "" },
        slot(0, "has no label, or one with a % in it") { $0["label"] = "a%20b" },
        slot(0, "none that KMS keeps with material") { $0["description"] = "" },
        slot(0, "none that KMS keeps with material") { $0["description"] = "50%25" },
        slot(0, "none that KMS keeps with material") {
            $0["description"] = .string(String(repeating: "a", count: 257))
        },
        slot(0, "has a name that KMS gives none") { $0["currentMaterial"] = "" },
        slot(0, "has a name that KMS gives none") { $0["currentMaterial"] = "the old one" },
        slot(0, probe) { $0["probe"]["ciphertext"] = "" },
        slot(0, probe) { $0["probe"]["ciphertext"] = .string($0["probe"]["ciphertext"].text + "=") },
        slot(0, probe) { $0["probe"]["ciphertext"] = .string($0["probe"]["ciphertext"].text + " ") },
        slot(0, probe) { $0["probe"]["ciphertext"] = .string(String(repeating: "AAAA", count: 2049)) },
        programs("empty") { _ in [] },
        programs("twice") { $0 + $0 },
        programs("of no host") { [.object(["host": "", "program": $0[0]["program"]])] },
        aws("its partition, account or Region is none of AWS's", "region", ""),
        aws("an endpoint is no URL", "stsEndpoint", "127.0.0.1:1"),
        aws("an endpoint is no URL", "endpoint", "http://"),
        aws("neither the system's nor a file's SHA-256", "authorities", ""),
        aws("its proxy or its caller says nothing", "proxy", ""),
        aws(encoding, "proxy", "http://a%2db"),
        aws(encoding, "caller", "arn:aws:iam::111122223333:user/50%"),
        ForgedPlan(reason: "its token has no serial number") { $0["environment"]["token"]["serial"] = "" },
        ForgedPlan(reason: encoding) { $0["environment"]["token"]["label"] = "50%" },
        ForgedPlan(reason: "its title says nothing") { $0["title"] = "" },
        ForgedPlan(reason: "it was made after its window began") { $0["created"] = $0["window"]["until"] },
    ]

    private static func programs(
        _ what: String, _ change: @escaping @Sendable ([JSONValue]) -> [JSONValue]
    ) -> ForgedPlan {
        ForgedPlan(reason: programs) {
            $0["environment"]["programs"] = .array(change($0["environment"]["programs"].elements))
        }
    }

    private static func aws(_ reason: String, _ field: String, _ text: String) -> ForgedPlan {
        ForgedPlan(reason: reason) { $0["environment"]["aws"][field] = .string(text) }
    }
}

extension Forgery {
    private static let count = "it counts other rotations than a key that is to be rotated can have"

    static let ofNames =
        [
            Forgery("a statement that is older than the line before it", "counts from before the line that it follows")
            {
                forger in
                let opened = try forger.index("gate-opened", ["gate": "activate"])
                for index in forger.lines.indices where index >= opened - 1 {
                    let at = try #require(Timestamp(forger.lines[index].at))
                    forger.lines[index].at = at.advanced(bySeconds: 10).description
                }
                return .line(opened)
            }
        ]
        + [-1, 25].map { used in
            Forgery("\(used) rotations spent of a key that is to be rotated", count) { forger in
                let opened = try forger.index("gate-opened", ["gate": "activate"])
                forger.lines[opened].body["subject"]["activate"]["slots"][0]["rotationsUsed"] = .integer(Int64(used))
                return .line(opened)
            }
        }
}
