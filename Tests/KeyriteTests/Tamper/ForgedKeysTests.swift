import AWS
import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite(
        "A forged transcript of a first import, a rotation and a replacement is refused by both verifiers",
        .heldOnce { try await .hold(at: $0, seed: MixedKeys.seed) }, .serialized)
    struct ForgedKeysTests {
        @Test("forged as it was, it verifies")
        func control() async throws {
            try await withCopy { try await $0.expectVerified(forged: { _ in }) }
        }

        @Test("the change of an alias that was abandoned, and signed again, verifies")
        func abandoned() async throws {
            try await withCopy { try await $0.expectVerified { _ = try Forgery.abandonAlias(in: &$0) } }
        }

        @Test("a rule of the ceremony is broken", arguments: Forgery.ofKeys)
        func broken(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery) }
        }

        @Test(
            "a plan that does not hold together is refused for what it says, not for its digest",
            arguments: ForgedPlan.all)
        func plan(_ forged: ForgedPlan) async throws {
            try await withCopy { try await $0.expectRefusal(of: forged) }
        }
    }
}

/// What is wrong with a plan, and what both verifiers say to it.
struct ForgedPlan: Sendable, CustomTestStringConvertible {
    let reason: String
    let change: @Sendable (inout JSONValue) -> Void

    var testDescription: String { reason }

    static func slot(
        _ index: Int, _ reason: String, _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) -> ForgedPlan {
        ForgedPlan(reason: reason) { change(&$0["slots"][index]) }
    }

    static let all = [
        slot(0, "has not the fields of import") { $0["rotationsUsed"] = 0 },
        slot(0, "has not the fields of import") {
            $0["probe"] = .object(["ciphertext": "", "plaintext": .string(other)])
        },
        slot(1, "has not the fields of rotate") { $0["grants"] = .array([]) },
        slot(2, "has not the fields of replace") { $0["createsAlias"] = .bool(true) },
        slot(2, "has not the tag by which it is found again") { $0["label"] = "another" },
        slot(2, "has another policy than the slot") { $0["policy"] = .string(other) },
        slot(2, "policy of another digest") { $0["new"]["policyDigest"] = .string(other) },
        slot(2, "policy of another digest") { $0["old"]["policy"] = "{}" },
        slot(2, "has tags that are not sorted, or one of them twice") {
            let tag = JSONValue.object(["key": "a", "value": "b"])
            $0["old"]["tags"] = .array([tag, tag])
        },
    ]

    private static let other = Forger.otherDigest
}

extension Forgery {
    private static let first = "first-production"
    private static let rotated = "ledger-production"
    private static let replaced = "payments-production"
    private static let elsewhere = JSONValue.string("arn:aws:kms:eu-central-1:000000000000:key/elsewhere")

    /// Replaces one value in the body of a slot's first line of a kind.
    static func replacing(
        _ name: String, _ kind: String, of slot: String, _ reason: String,
        _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index(kind, ["slot": .string(slot)])
            change(&forger.lines[index].body)
            return .line(index)
        }
    }

    /// Replaces one value in the subject of a gate.
    static func stating(
        _ name: String, at gate: String, _ reason: String, _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index("gate-opened", ["gate": .string(gate)])
            change(&forger.lines[index].body["subject"][gate])
            return .line(index)
        }
    }

    /// Does an effect of a slot a second time.
    private static func again(_ name: String, _ result: String, of slot: String, _ reason: String) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index(result, ["slot": .string(slot)])
            forger.insert(forger.lines[(index - 1)...index], at: index + 1)
            return .line(index + 1)
        }
    }

    static let ofKeys = created + statedKeys + aliases + ofAbandonedAliases

    private static let created = [
        Forgery("a key before *authorize*", "a new KMS key before *authorize* was passed") { forger in
            let index = try forger.index("created")
            forger.insert(forger.lines[(index - 1)...index], at: 1)
            return .line(1)
        },
        again("a second key", "created", of: replaced, "a second KMS key for the slot"),
        replacing("a key that the plan does not have", "create-intended", of: replaced, "that the plan does not have") {
            $0["slot"] = .string(rotated)
        },
        replacing("a key with another tag", "create-intended", of: replaced, "another label or policy") {
            $0["label"] = "another"
        },
        replacing("a key with another policy", "create-intended", of: replaced, "another label or policy") {
            $0["policy"] = .string(Forger.otherDigest)
        },
        replacing("a key of another account", "created", of: replaced, "of another account or Region") {
            $0["key"] = "arn:aws:kms:eu-central-1:999999999999:key/x"
        },
        Forgery("a new key that is the old one", "another slot's, or an old one") { forger in
            let moved = try forger.index("alias-intended", ["slot": .string(replaced)])
            let index = try forger.index("created")
            forger.lines[index].body["key"] = forger.lines[moved].body["from"]
            return .line(index)
        },
        Forgery("a fetch before its key is there", "a fetch for a key that was not created yet") { forger in
            let index = try forger.index("created")
            let pair = Array(forger.lines[(index - 1)...index])
            forger.lines.removeSubrange((index - 1)...index)
            let fetched = try forger.index("fetched", ["slot": .string(replaced)])
            forger.insert(pair, at: fetched + 1)
            return .line(fetched - 1)
        },
        replacing("an import into the old key", "import-intended", of: replaced, "an import into another key") {
            $0["key"] = elsewhere
        },
    ]

    private static let statedKeys = [
        stating("differences that are not shown", at: "authorize", "something else than the plan") {
            $0["differences"] = .array([])
        },
        stating("a release that binds another key", at: "release", "it releases other keys") {
            $0["slots"][2]["key"] = elsewhere
        },
        stating("a release that hides when an import takes effect", at: "release", "it releases other keys") {
            $0["slots"][0]["takesEffect"] = "at activation"
        },
        stating("an alias that is to go elsewhere", at: "activate", "something else than was imported") {
            $0["slots"][2]["aliasTargetAfter"] = elsewhere
        },
        stating("an alias that is said to be new", at: "activate", "something else than was imported") {
            $0["slots"][2]["aliasTargetBefore"] = "none"
        },
        stating("an alias that is said to be old", at: "activate", "something else than was imported") {
            $0["slots"][0]["aliasTargetBefore"] = elsewhere
        },
        stating("rotations of a key that does not rotate", at: "activate", "something else than was imported") {
            $0["slots"][2]["rotationsUsed"] = 0
        },
        stating("a rotation that is not counted", at: "activate", "something else than was imported") {
            guard case .object(var slot) = $0["slots"][1] else { return }
            slot["rotationsUsed"] = nil
            $0["slots"][1] = .object(slot)
        },
        stating("old material of a first import", at: "activate", "something else than was imported") {
            $0["slots"][0]["materialBefore"] = .string(Forger.otherDigest)
        },
    ]

    private static let aliases = [
        Forgery("an alias that moves before *activate*", "an alias before *activate* was passed") { forger in
            let set = try forger.index("alias-set", ["slot": .string(replaced)])
            let pair = Array(forger.lines[(set - 1)...set])
            forger.lines.removeSubrange((set - 1)...set)
            let opened = try forger.index("gate-opened", ["gate": "activate"])
            forger.insert(pair, at: opened)
            return .line(opened)
        },
        replacing("an alias that moves elsewhere", "alias-intended", of: replaced, "does not name so") {
            $0["to"] = elsewhere
        },
        replacing("an alias that comes from elsewhere", "alias-intended", of: replaced, "does not name so") {
            $0["from"] = elsewhere
        },
        replacing("an alias that was there is made", "alias-intended", of: first, "does not name so") {
            $0["from"] = elsewhere
        },
        replacing("another alias", "alias-intended", of: replaced, "does not name so") { $0["alias"] = "alias/other" },
        replacing("an alias that went elsewhere", "alias-set", of: replaced, "of something not intended") {
            $0["target"] = elsewhere
        },
        again("an alias that moves twice", "alias-set", of: replaced, "a second change of the alias"),
        Forgery("the alias of a rotation", "an alias that is to stay") { forger in
            let index = try forger.index("alias-intended", ["slot": .string(replaced)])
            forger.lines[index].body["slot"] = .string(rotated)
            return .line(index)
        },
        Forgery("a rotation of a replaced key", "a rotation that the plan does not have") { forger in
            let index = try forger.index("rotate-intended")
            forger.lines[index].body["slot"] = .string(replaced)
            return .line(index)
        },
        Forgery("a replacement whose alias stays", "verified before it was activated") { forger in
            let set = try forger.index("alias-set", ["slot": .string(replaced)])
            forger.lines.removeSubrange((set - 1)...set)
            return .line(try forger.index("activation-verified", ["slot": .string(replaced)]))
        },
        Forgery("a first import without its alias", "verified before it was activated") { forger in
            let set = try forger.index("alias-set", ["slot": .string(first)])
            forger.lines.removeSubrange((set - 1)...set)
            return .line(try forger.index("activation-verified", ["slot": .string(first)]))
        },
        replacing("old material that decrypted nothing", "activation-verified", of: first, "did not come out") {
            $0["oldMaterial"] = .string(Forger.otherDigest)
        },
        replacing("an alias that resolves elsewhere", "activation-verified", of: replaced, "did not come out") {
            $0["aliasTarget"] = elsewhere
        },
    ]
}

/// Holds a ceremony with a slot of each strategy before the first test, and takes its room down after the last.

/// A key for each strategy; the one to be replaced has a policy, tags and a grant of its own.
enum MixedKeys {
    /// With what jq, a shell and percent-encoding could get wrong.
    static let policy = """
        {
          "Version": "2012-10-17",
          "Statement": [ {
            "Sid": "Schl\u{FC}ssel 100% \\"owner\\" \\\\ only",
            "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:*", "Resource": "*"
          } ]
        }
        """

    static func seed(_ room: RehearsalSite) async throws -> [DefinedKey] {
        let fresh = try await room.createPendingKey(description: "waits")
        try await room.seedExternalKey(alias: "alias/ledger-production")
        try await room.seedExternalKey(alias: "alias/payments-production")
        let client = try room.client()
        let old = try await client.describeKey(.init(keyID: "alias/payments-production")).output.keyMetadata.arn
        _ = try await client.call(
            TagResource.self,
            .init(
                keyID: old, tags: [Tag(tagKey: "Service", tagValue: "payments"), Tag(tagKey: "Z\u{FC}", tagValue: "")]))
        _ = try await client.call(
            CreateGrant.self,
            .init(
                keyID: old, operations: [GrantOperation(rawValue: "Decrypt")],
                granteePrincipal: "arn:aws:iam::000000000000:role/backup"))
        return [
            DefinedKey(alias: "alias/first-production", key: fresh, strategy: .import, proof: true),
            DefinedKey(alias: "alias/ledger-production", strategy: .rotate, proof: true),
            DefinedKey(
                alias: "alias/payments-production", strategy: .replace, proof: true,
                changes: KeyChanges(policy: policy, tags: ["Owner": "ops"])),
        ]
    }
}
