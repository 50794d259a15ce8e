import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite(
        "A forged transcript of an emergency stop is refused by both verifiers",
        .heldOnce { try await .hold(at: $0, seed: RevokedKeys.seed) }, .serialized)
    struct ForgedRevocationsTests {
        @Test("forged as it was, it verifies")
        func control() async throws {
            try await withCopy { try await $0.expectVerified(forged: { _ in }) }
        }

        @Test("a deletion that was abandoned, and signed again, verifies")
        func abandoned() async throws {
            try await withCopy { try await $0.expectVerified { _ = try Forgery.abandon(in: &$0) } }
        }

        @Test("a plan that says of a deletion what no version does is none", arguments: ForgedPlan.misshapenRevocations)
        func misshapen(_ forged: ForgedPlan) async throws {
            try await withCopy { copy in
                try copy.write(forged)
                try await copy.expectRefusal(at: "plan.json")
                #expect(try await copy.shellVerify().reason == forged.reason)
                #expect(try !copy.keyriteVerify().reason.contains("another plan"))
            }
        }

        @Test("a rule of the ceremony is broken", arguments: Forgery.ofRevocations)
        func broken(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery) }
        }

        @Test("a plan of what cannot be deleted so is refused for what it says", arguments: ForgedPlan.ofRevocations)
        func plan(_ forged: ForgedPlan) async throws {
            try await withCopy { try await $0.expectRefusal(of: forged) }
        }
    }
}

/// Two keys whose current material is deleted.
private enum RevokedKeys {
    static let stopped = "stopped-production"
    static let other = "other-production"

    static func seed(_ room: RehearsalSite) async throws -> [DefinedKey] {
        var keys: [DefinedKey] = []
        for slot in [stopped, other] {
            try await room.seedExternalKey(alias: "alias/\(slot)")
            keys.append(
                DefinedKey(
                    alias: "alias/\(slot)", strategy: .revoke, proof: false,
                    material: try await room.currentMaterial(of: "alias/\(slot)")))
        }
        return keys
    }
}

extension ForgedPlan {
    private static let misshapen = "it is no plan in canonical form"

    static let misshapenRevocations = [
        slot(0, misshapen) { $0["revoked"]["state"] = "PENDING_ROTATION" },
        slot(0, misshapen) { $0["revoked"]["effect"] = "the key stays as it is" },
    ]

    static let ofRevocations = [
        slot(0, "has not the fields of revoke") { $0["label"] = "an HSM key" },
        slot(0, "has not the fields of revoke") { $0 = $0.without("revoked") },
        slot(0, "has not the fields of revoke") { $0 = $0.without("currentMaterial") },
        slot(0, "has not the fields of revoke") { $0["proof"] = "second import" },
        slot(0, "has not the fields of rotate") { $0["strategy"] = "rotate" },
        slot(0, "has not the fields of import") { $0["strategy"] = "import" },
        slot(0, "is current, and is not") { $0["revoked"]["state"] = "NON_CURRENT" },
        slot(0, "is current, and is not") { $0["currentMaterial"] = .string(Forger.otherDigest) },
        ForgedPlan(reason: "it deletes material, and does something else beside it") { plan in
            var slot = plan["slots"][0].without("revoked").without("currentMaterial").without("alias")
            slot["strategy"] = "import"
            slot["label"] = "an HSM key"
            slot["id"] = .string(String(repeating: "0", count: 32))
            slot["description"] = "imported"
            plan["slots"][0] = slot
        },
        ForgedPlan(reason: "it folds *activate* into a release") { $0["policy"]["foldsActivate"] = .bool(true) },
        ForgedPlan(reason: "it does not say of its kinds of key, and no others") { plan in
            let profile = JSONValue.object([
                "keySpec": "SYMMETRIC_DEFAULT", "algorithm": "RSAES_OAEP_SHA_256", "way": "direct",
                "attributes": .array([]),
            ])
            plan["profiles"] = .array([profile])
        },
    ]
}

extension Forgery {
    private static let stopped = RevokedKeys.stopped
    private static let other = RevokedKeys.other

    /// Puts a line in directly after *authorize* was passed.
    private static func inserting(
        _ name: String, _ kind: String, _ reason: String, _ body: @escaping @Sendable (Forger) throws -> JSONValue
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index("gate-passed", ["gate": "authorize"]) + 1
            var line = forger.lines[index - 1]
            line.kind = kind
            line.body = try body(forger)
            forger.lines.insert(line, at: index)
            return .line(index)
        }
    }

    static let ofRevocations = deletions + results + subjects + abandonments + strangers

    /// Has the first deletion abandoned, and *activate* signed again.
    ///
    /// - Returns: Where the gate opens once more.
    static func abandon(
        in forger: inout Forger, saying change: (inout JSONValue) -> Void = { _ in }
    ) throws -> Int {
        let intended = try forger.index("revoke-intended", ["slot": .string(stopped)])
        let gate =
            try forger.index("gate-opened", ["gate": "activate"])...forger.index("gate-passed", ["gate": "activate"])
        var abandoned = forger.lines[intended]
        abandoned.kind = "revoke-abandoned"
        abandoned.body = abandoned.body.only("slot", "material")
        abandoned.takenBack = ["activate"]
        var again = forger.lines[gate].filter { $0.kind != "run-started" }
        for index in again.indices { again[index].body["attempt"] = 2 }
        var revocation = again[0].body["subject"]["activate"]["revocations"][0]
        revocation["intendedBefore"] = .integer(Int64(intended + 1))
        change(&revocation)
        again[0].body["subject"]["activate"]["revocations"][0] = revocation
        let deletion = forger.lines[intended]
        forger.insert([abandoned] + again + [deletion], at: intended + 1)
        return intended + 2
    }

    private static let abandonments = [
        Forgery("signed again without what nobody knows", "it deletes something else than the plan has") { forger in
            .line(try abandon(in: &forger) { $0 = $0.without("intendedBefore") })
        },
        Forgery("signed again with another line", "it deletes something else than the plan has") { forger in
            .line(try abandon(in: &forger) { $0["intendedBefore"] = 1 })
        },
        Forgery("deleted without being signed again", "a deletion before *activate* was passed") { forger in
            let opened = try abandon(in: &forger)
            let passed = try #require(forger.lines[opened...].firstIndex { $0.kind == "gate-passed" })
            forger.lines.removeSubrange(opened...passed)
            return .line(opened)
        },
        Forgery("another material is abandoned", "of something not intended") { forger in
            let opened = try abandon(in: &forger)
            forger.lines[opened - 1].body["material"] = .string(Forger.otherDigest)
            return .line(opened - 1)
        },
        Forgery("abandoned without an intent", "of something not intended") { forger in
            let opened = try abandon(in: &forger)
            forger.lines.remove(at: opened - 2)
            return .line(opened - 2)
        },
        Forgery("a deletion is looked at that was abandoned", "verified before *activate* was passed") { forger in
            let opened = try abandon(in: &forger)
            let verified = forger.lines[try forger.index("revocation-verified", ["slot": .string(stopped)])]
            forger.insert([verified], at: opened)
            return .line(opened)
        },
    ]

    private static let deletions = [
        replacing("another material", "revoke-intended", of: stopped, "that the activation does not name") {
            $0["material"] = .string(Forger.otherDigest)
        },
        replacing("another caller", "revoke-intended", of: stopped, "another caller than the plan has") {
            $0["caller"] = "arn:aws:iam::111122223333:user/mallory"
        },
        Forgery("a deletion before its gate", "a deletion before *activate* was passed") { forger in
            let index = try forger.index("revoke-intended", ["slot": .string(stopped)])
            let pair = Array(forger.lines[index...(index + 1)])
            forger.lines.removeSubrange(index...(index + 1))
            let opened = try forger.index("gate-opened", ["gate": "activate"])
            forger.insert(pair, at: opened)
            return .line(opened)
        },
        Forgery("a deletion without its gate", "a deletion before *activate* was passed") { forger in
            let opened = try forger.index("gate-opened", ["gate": "activate"])
            let passed = try forger.index("gate-passed", ["gate": "activate"])
            forger.lines.removeSubrange(opened...passed)
            return .line(try forger.index("revoke-intended"))
        },
        Forgery("a deletion twice", "a second deletion for the slot") { forger in
            let index = try forger.index("revoked", ["slot": .string(stopped)])
            forger.insert(forger.lines[(index - 1)...index], at: index + 1)
            return .line(index + 1)
        },
    ]

    private static func keyState(_ state: String) -> Forgery {
        replacing("a key that is \(state)", "revocation-verified", of: stopped, "did not come out as it was signed") {
            $0["keyState"] = .string(state)
        }
    }

    private static let results = [
        replacing("the result of another material", "revoked", of: stopped, "of something not intended") {
            $0["material"] = .string(Forger.otherDigest)
        },
        replacing("the result of another key", "revoked", of: stopped, "of something not intended") {
            $0["slot"] = .string(other)
        },
        Forgery("a look without a deletion", "verified before it was deleted, or twice") { forger in
            let index = try forger.index("revoke-intended", ["slot": .string(stopped)])
            forger.lines.removeSubrange(index...(index + 1))
            return .line(index)
        },
        Forgery("a look twice", "verified before it was deleted, or twice") { forger in
            let index = try forger.index("revocation-verified", ["slot": .string(stopped)])
            forger.insert([forger.lines[index]], at: index + 1)
            return .line(index + 1)
        },
        replacing("a look at another material", "revocation-verified", of: stopped, "did not come out as it was signed")
        {
            $0["material"] = .string(Forger.otherDigest)
        },
        keyState("Enabled"), keyState("Disabled"), keyState("PendingDeletion"), keyState(""),
        Forgery("nobody looked afterwards", "a slot is not settled") { forger in
            forger.lines.remove(at: try forger.index("revocation-verified", ["slot": .string(other)]))
            return .line(try forger.index("gate-opened", ["gate": "close"]))
        },
    ]

    private static let subjects = [
        stating("another material is signed", at: "activate", "it deletes something else than the plan has") {
            $0["revocations"][0]["material"] = .string(Forger.otherDigest)
        },
        stating("a milder effect is signed", at: "activate", "is none of the words that can stand here") {
            $0["revocations"][0]["effect"] = "the key stays as it is, without the material that waited for its rotation"
        },
        stating("an earlier deletion is made up", at: "activate", "it deletes something else than the plan has") {
            $0["revocations"][0]["intendedBefore"] = 1
        },
        stating("one key is left out", at: "activate", "it deletes something else than the plan has") {
            $0["revocations"] = .array([$0["revocations"][0]])
        },
        stating("no deletion is signed", at: "activate", "it deletes something else than the plan has") {
            $0 = $0.without("revocations")
        },
        stating("an activation is signed beside it", at: "activate", "it activates something else than was imported") {
            $0["slots"] = .array([
                .object([
                    "slot": .string(stopped), "key": $0["revocations"][0]["key"],
                    "materialAfter": .string(Forger.otherDigest), "policy": .string(Forger.otherDigest),
                    "retention": "retain",
                ])
            ])
        },
    ]

    private static let strangers = [
        inserting("a self-test", "self-test-intended", "a self-test that the plan does not have") { forger in
            .object(["token": forger.lines[0].body["environment"]["token"]["serial"]])
        },
        inserting("a fetch", "fetch-intended", "a fetch that the plan does not have") { forger in
            let caller = forger.lines[try forger.index("revoke-intended")].body["caller"]
            return .object(["slot": .string(stopped), "purpose": "import", "caller": caller])
        },
    ]
}
