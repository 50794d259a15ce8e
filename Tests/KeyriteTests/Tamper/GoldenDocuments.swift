import CryptoPrimitives
import Evidence
import Foundation
import Testing

/// Documents that both verifiers take: the examples', and what is made of them.
enum GoldenDocuments {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL
    /// The example beside the page on formats.
    static let example = root.appending(path: "ceremony/example")
    /// The one of the format before.
    static let firstExample = root.appending(path: "Tests/EvidenceTests/Golden/example-1")

    static func bytes(_ path: String, of example: URL = example) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: example.appending(path: path)))
    }

    static func value(_ path: String, of example: URL = example) throws -> JSONValue {
        try CanonicalJSON.parse(try bytes(path, of: example))
    }

    // MARK: - Rosters

    /// The example's, with a custodian more, so that two gates can be kept apart.
    static func roster() throws -> JSONValue {
        var roster = try value(Roster.path)
        var members = roster["members"].elements
        var more = members[3]
        more["name"] = "eve"
        more["key"] = try strangers()[0]
        members.insert(more, at: 4)
        roster["members"] = .array(members)
        return roster
    }

    /// Keys of nobody on the example's roster.
    static func strangers() throws -> [JSONValue] {
        try value(Roster.path, of: firstExample)["members"].elements.map { $0["key"] }
    }

    /// A first roster, one that follows it, and one with a key on an authenticator.
    static func rosters() throws -> [JSONValue] {
        var first = try value(Roster.path)
        first["members"] = .array([0, 1, 4].map { first["members"][$0] })
        for gate in Gate.allCases.map(\.rawValue) + ["change"] { first["rules"][gate][0]["count"] = 1 }
        var second = first
        second["sequence"] = 2
        second["previous"] = .string(SHA256Digest(of: try CanonicalJSON.encode(first)).hex)
        var third = second
        third["members"][0]["key"] = .string(authenticatorKey)
        third["members"][0]["userPresence"] = "touched"
        return [first, second, third]
    }

    private static let authenticatorKey =
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqi"
        + "AAAABHNzaDo="

    // MARK: - Plans

    /// Plans of each strategy, and of whatever else a plan can have, for the people of `roster`.
    static func plans() throws -> [JSONValue] {
        let digest = JSONValue.string(SHA256Digest(of: try CanonicalJSON.encode(roster())).hex)
        var rotation = try value(Plan.path)
        rotation["roster"] = digest
        var first = try value(Plan.path, of: firstExample)
        first["roster"] = digest
        return try [
            rotation, first, importing(rotation), importingHMAC(rotation), replacing(rotation), replacingPair(rotation),
            revoking(rotation), reimporting(rotation), reimportingAbsent(rotation), acrossGap(rotation),
        ]
    }

    private static func importing(_ plan: JSONValue) -> JSONValue {
        plan.withSlot { slot in
            slot["strategy"] = "import"
            for key in ["currentMaterial", "rotationsUsed", "probe"] { slot = slot.without(key) }
            slot["createsAlias"] = .bool(true)
            slot["trustedWrapping"] = .bool(true)
            slot["retention"] = "lock"
            slot["backup"] = "restored.txt"
        }.with("policy") { policy in
            policy["approvalHours"] = 8
            policy["rules"] = .array([
                .object(["gate": "release", "requirements": .array([.object(["role": "custodian", "count": 3])])]),
                .object(["gate": "activate", "requirements": .array([.object(["role": "witness", "count": 1])])]),
            ])
            policy["separate"] = .array([.object(["one": "release", "other": "close"])])
            policy["rules"][0]["requirements"][0]["count"] = 2
        }
    }

    private static func importingHMAC(_ plan: JSONValue) throws -> JSONValue {
        var made = plan.withSlot { slot in
            slot["strategy"] = "import"
            for key in ["currentMaterial", "rotationsUsed", "probe", "alias", "description"] {
                slot = slot.without(key)
            }
            slot["slot"] = .string(slot["key"].text.components(separatedBy: "/")[1])
            slot["keySpec"] = "HMAC_256"
            slot["keyUsage"] = "GENERATE_VERIFY_MAC"
            slot["proof"] = "commitment"
        }
        made["profiles"] = .array([try profile(.hmac256, .direct)])
        made["policy"]["foldsActivate"] = .bool(true)
        return made
    }

    private static func replacing(_ plan: JSONValue) throws -> JSONValue {
        let policy = #"{"Version":"2012-10-17","Statement":[]}"# + "\n"
        func settings(_ tags: [KeyTag]) throws -> JSONValue {
            let settings = KeySettings(description: "100 %", multiRegion: false, policy: policy, tags: tags)
            return try CanonicalJSON.parse(CanonicalJSON.encode(settings))
        }
        let marker = KeyTag(KeyTag.marker, plan["slots"][0]["label"].text)
        let new = try settings([marker, KeyTag("team", "payments")])
        let old = try settings([KeyTag("team", "payments")])
        let grant = PlanGrant(
            id: "1", name: "a", grantee: "arn:aws:iam::111122223333:role/payments", retiring: "b",
            operations: ["Decrypt"], constraints: "{}")
        let grants = try CanonicalJSON.parse(CanonicalJSON.encode([grant]))
        return plan.withSlot { slot in
            slot["strategy"] = "replace"
            slot = slot.without("rotationsUsed")
            slot["policy"] = old["policyDigest"]
            (slot["new"], slot["old"], slot["grants"]) = (new, old, grants)
        }
    }

    private static func replacingPair(_ plan: JSONValue) throws -> JSONValue {
        var made = try replacing(plan).withSlot { slot in
            for key in ["probe", "description"] { slot = slot.without(key) }
            slot["keySpec"] = "RSA_2048"
            slot["keyUsage"] = "SIGN_VERIFY"
            slot["proof"] = "commitment"
        }
        made["profiles"] = .array([try profile(.rsa2048, .composed)])
        return made
    }

    private static func revoking(_ plan: JSONValue) -> JSONValue {
        var made = plan.withSlot { slot in
            slot["strategy"] = "revoke"
            for key in ["label", "id", "description", "probe", "rotationsUsed"] { slot = slot.without(key) }
            slot["proof"] = "none"
            slot["revoked"] = .object([
                "material": slot["currentMaterial"], "state": "CURRENT",
                "effect": .string(RevokedMaterial.Effect.unusable.rawValue),
            ])
        }
        made["profiles"] = .array([])
        return made
    }

    private static func reimporting(_ plan: JSONValue) -> JSONValue {
        plan.withSlot { slot in
            slot["strategy"] = "reimport"
            for key in ["probe", "rotationsUsed"] { slot = slot.without(key) }
            slot["proof"] = "imported as existing"
            slot["reimported"] = .object([
                "material": slot["currentMaterial"], "state": "CURRENT", "importState": "IMPORTED",
                "expiryBefore": "never", "descriptionBefore": "100 %25", "expiry": "2027-11-27T04:06:16Z",
                "effect": .string(ReimportedMaterial.Effect.usable.rawValue),
                "checkValues": .object(["cmac": "0a1b2c", "ecb": "d3e4f5"]),
                "hsmKeyOrigin": .string(ReimportedMaterial.HSMKeyOrigin.restored.rawValue),
            ])
        }
    }

    private static func reimportingAbsent(_ plan: JSONValue) -> JSONValue {
        reimporting(plan).withSlot { slot in
            slot["reimported"] = .object([
                "material": "another", "state": "NON_CURRENT", "importState": "PENDING_IMPORT", "expiry": "never",
                "effect": .string(ReimportedMaterial.Effect.unusable.rawValue),
            ])
        }
    }

    private static func acrossGap(_ plan: JSONValue) throws -> JSONValue {
        let keys = try strangers()
        let program = plan["environment"]["programs"][0]["program"]
        var made = plan
        made["gap"] = .object([
            "hsm": .object(["host": "vault", "key": keys[1]]),
            "connected": .object(["host": "desk", "key": keys[2]]),
            "sealing": .string(Base64.encode(try SealingKey(generatingFor: "desk").certificate.der)),
        ])
        made["environment"]["programs"] = .array(
            ["vault", "desk"].map { .object(["host": .string($0), "program": program]) })
        return made
    }

    private static func profile(_ spec: KeySpec, _ way: WrappingWay) throws -> JSONValue {
        try CanonicalJSON.parse(CanonicalJSON.encode(KeyProfile(of: spec, way: way)))
    }
}

extension JSONValue {
    fileprivate func with(_ key: String, _ change: (inout JSONValue) throws -> Void) rethrows -> JSONValue {
        var copy = self
        try change(&copy[key])
        return copy
    }

    /// A plan with its first slot changed.
    fileprivate func withSlot(_ change: (inout JSONValue) throws -> Void) rethrows -> JSONValue {
        try with("slots") { try change(&$0[0]) }
    }
}
