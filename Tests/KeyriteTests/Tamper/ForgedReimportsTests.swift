import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite(
        "A forged transcript of material imported again is refused by both verifiers",
        .heldOnce { try await .hold(at: $0, seed: ReimportedKeys.seed) }, .serialized)
    struct ForgedReimportsTests {
        @Test("forged as it was, it verifies")
        func control() async throws {
            try await withCopy { try await $0.expectVerified(forged: { _ in }) }
        }

        @Test("an import that was abandoned, and signed again, verifies")
        func abandoned() async throws {
            try await withCopy { try await $0.expectVerified { _ = try Forgery.abandonImport(in: &$0) } }
        }

        @Test("a rule of the ceremony is broken", arguments: Forgery.ofReimports)
        func broken(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery) }
        }

        @Test(
            "a plan of what cannot be imported again so is refused for what it says", arguments: ForgedPlan.ofReimports)
        func plan(_ forged: ForgedPlan) async throws {
            try await withCopy { try await $0.expectRefusal(of: forged) }
        }
    }
}

/// Keys whose material is there again, without expiry.
private enum ReimportedKeys {
    static let slot = "again-production"

    /// Of which the token does not say that it made it.
    static let restored = "restored-production"

    static func seed(_ room: RehearsalSite) async throws -> [DefinedKey] {
        let kept = try await room.seedKeptKey(alias: "alias/\(slot)")
        let other = try await room.seedKeptKey(alias: "alias/\(restored)")
        try await room.restoreFromBackup(other)
        return [
            DefinedKey(
                alias: "alias/\(slot)", strategy: .reimport, proof: false, material: kept.material,
                hsmKey: NamedHSMKey(label: nil, id: kept.id, checkValues: kept.checkValues), expires: .never),
            DefinedKey(
                alias: "alias/\(restored)", strategy: .reimport, proof: false, material: other.material,
                hsmKey: NamedHSMKey(label: other.label, id: nil, isRestored: true), expires: .never),
        ]
    }
}

extension ForgedPlan {
    static let ofReimports = [
        slot(0, "has not the fields of reimport") { $0 = $0.without("reimported") },
        slot(0, "has not the fields of reimport") { $0["retention"] = "lock" },
        slot(0, "has not the fields of import") { $0["strategy"] = "import" },
        slot(0, "has a proof that its kind of key cannot have") { $0["proof"] = "none" },
        slot(0, "is current, and is not") { $0["reimported"]["state"] = "NON_CURRENT" },
        slot(0, "is there and has no expiry") { $0["reimported"]["expiryBefore"] = "never" },
        slot(0, "has check values that are not 3 bytes in hex") {
            $0["reimported"]["checkValues"] = .object(["cmac": "0a1b2c", "ecb": "3D4E5F"])
        },
        slot(0, "expires before the plan's window is over") { $0["reimported"]["expiry"] = "2001-01-01T00:00:00Z" },
        slot(0, "for longer than KMS keeps what expires") { $0["reimported"]["expiry"] = "2999-01-01T00:00:00Z" },
        ForgedPlan(reason: "it asks for people at *activate*") {
            let requirement = JSONValue.object(["role": "custodian", "count": 2])
            $0["policy"]["rules"] = .array([.object(["gate": "activate", "requirements": .array([requirement])])])
        },
        ForgedPlan(reason: "it imports material again, and does something else beside it") { plan in
            var slot = plan["slots"][0].without("reimported").without("currentMaterial").without("alias")
            slot["strategy"] = "import"
            slot["slot"] = "another"
            slot["proof"] = "none"
            slot["key"] = "another"
            slot["label"] = "another"
            slot["id"] = .string(String(repeating: "0", count: 32))
            plan["slots"] = .array([plan["slots"][0], slot])
        },
    ]
}

extension Forgery {
    /// Changes the body of the first line of a kind.
    private static func changing(
        _ name: String, _ kind: String, _ reason: String, with members: [String: JSONValue] = [:],
        _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index(kind, members)
            change(&forger.lines[index].body)
            return .line(index)
        }
    }

    /// Changes what the release says of a key.
    private static func releasing(
        _ name: String, _ slot: Int = 0, _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) -> Forgery {
        changing(name, "gate-opened", "it releases other keys, or one is missing", with: ["gate": "release"]) {
            change(&$0["subject"]["release"]["slots"][slot])
        }
    }

    /// Changes an attribute that the token answered of a key.
    private static func answering(
        _ name: String, _ kind: String = "generated", of slot: String, _ attribute: String, _ value: String,
        _ reason: String? = nil
    ) -> Forgery {
        changing(
            name, kind,
            reason
                ?? (kind == "generated"
                    ? "the key is not what the plan demands" : "the key was not left as the plan demands"),
            with: ["slot": .string(slot)]
        ) { body in
            body["attributes"] = .array(
                body["attributes"].elements.map {
                    $0["name"] == .string(attribute)
                        ? .object(["name": .string(attribute), "value": .string(value)]) : $0
                })
        }
    }

    private static let origins = [
        answering("a key that the token did not make", of: ReimportedKeys.slot, "CKA_LOCAL", "false"),
        answering("a key that was seen before", of: ReimportedKeys.slot, "CKA_ALWAYS_SENSITIVE", "false"),
        answering("a key left that the token did not make", "settled", of: ReimportedKeys.slot, "CKA_LOCAL", "false"),
        answering("a restored key that is not sensitive", of: ReimportedKeys.restored, "CKA_SENSITIVE", "false"),
        answering("a restored key that decrypts", of: ReimportedKeys.restored, "CKA_DECRYPT", "true"),
        answering("a restored key of which nothing is said", of: ReimportedKeys.restored, "CKA_LOCAL", "unavailable"),
        answering("a restored key that the token made", of: ReimportedKeys.restored, "CKA_LOCAL", "true"),
        answering(
            "a restored key left as the token's own", "settled", of: ReimportedKeys.restored, "CKA_LOCAL", "true"),
        answering(
            "a restored key left as another one", "settled", of: ReimportedKeys.restored, "CKA_ALWAYS_SENSITIVE",
            "true",
            "the key that was left is of another origin than the one that was signed for"),
        answering("a restored key left otherwise", "settled", of: ReimportedKeys.restored, "CKA_ENCRYPT", "true"),
        releasing("a restored key without how it differs", 1) { $0["hsmKey"] = $0["hsmKey"].without("differences") },
        releasing("a restored key that differs in less", 1) {
            $0["hsmKey"]["differences"] = .array([$0["hsmKey"]["differences"][0]])
        },
        releasing("a restored key without what the token says", 1) {
            $0["hsmKey"] = $0["hsmKey"].without("attributes")
        },
        releasing("a restored key with other attributes", 1) { $0["hsmKey"]["attributes"][0]["value"] = "CKO_DATA" },
        releasing("a key that was not restored, with differences") { $0["hsmKey"]["differences"] = .array([]) },
    ]

    private static let otherwise = "the material did not come out as it was signed"

    /// Has the import abandoned, and *release* signed again.
    ///
    /// - Returns: Where the gate opens once more.
    fileprivate static func abandonImport(
        in forger: inout Forger, saying change: (inout JSONValue) -> Void = { _ in }
    ) throws -> Int {
        let intended = try forger.index("import-intended")
        let gate =
            try forger.index("gate-opened", ["gate": "release"])...forger.index("gate-passed", ["gate": "release"])
        var abandoned = forger.lines[intended]
        abandoned.kind = "import-abandoned"
        abandoned.body = .object([
            "slot": abandoned.body["slot"],
            "material": forger.lines[try forger.index("imported")].body["material"],
        ])
        abandoned.takenBack = ["release"]
        var again = forger.lines[gate].filter { $0.kind != "run-started" }
        for index in again.indices { again[index].body["attempt"] = 2 }
        again[0].body["subject"]["release"]["slots"][0]["intendedBefore"] = .integer(Int64(intended + 1))
        change(&again[0].body["subject"]["release"]["slots"][0])
        forger.insert([abandoned] + again + [forger.lines[intended]], at: intended + 1)
        return intended + 2
    }

    private static let otherRelease = "it releases other keys, or one is missing"

    private static let abandonments = [
        Forgery("signed again without what nobody knows", otherRelease) { forger in
            .line(try abandonImport(in: &forger) { $0 = $0.without("intendedBefore") })
        },
        Forgery("signed again with another line", otherRelease) { forger in
            .line(try abandonImport(in: &forger) { $0["intendedBefore"] = 1 })
        },
        Forgery("imported without being signed again", "an import before *release* was passed") { forger in
            let opened = try abandonImport(in: &forger)
            let passed = try #require(forger.lines[opened...].firstIndex { $0.kind == "gate-passed" })
            forger.lines.removeSubrange(opened...passed)
            return .line(opened)
        },
        Forgery("wrapped again", "a second wrap under one release") { forger in
            let opened = try abandonImport(in: &forger)
            let passed = try #require(forger.lines[opened...].firstIndex { $0.kind == "gate-passed" })
            var wrap = forger.lines[try forger.index("wrap-intended")]
            wrap.body["release"] = 2
            forger.insert([wrap], at: passed + 1)
            return .line(passed + 1)
        },
        Forgery("another material is abandoned", "of something not intended") { forger in
            let opened = try abandonImport(in: &forger)
            forger.lines[opened - 1].body["material"] = .string(Forger.otherDigest)
            return .line(opened - 1)
        },
        Forgery("abandoned without an intent", "of something not intended") { forger in
            let opened = try abandonImport(in: &forger)
            forger.lines.remove(at: opened - 2)
            return .line(opened - 2)
        },
        releasing("a release that nobody left before") { $0["intendedBefore"] = 1 },
    ]

    static let ofReimports = abandonments + origins + deviations

    private static let deviations = [
        changing("another HSM key", "generated", "a key with other check values than the plan has") {
            $0["checkValues"]["cmac"] = "000000"
        },
        releasing("a release with another expiry") { $0["expiry"] = "2027-01-01T00:00:00Z" },
        releasing("a release from another HSM key") { $0["hsmKey"]["label"] = "another" },
        releasing("a release of other check values") { $0["hsmKey"]["checkValues"]["ecb"] = "000000" },
        releasing("a release that does not say from which HSM key") { $0 = $0.without("hsmKey") },
        releasing("a release that leaves the material out") { $0 = $0.without("reimported") },
        releasing("a release that takes effect later") { $0["takesEffect"] = "at activation" },
        changing(
            "an import as other material", "imported", "KMS took it for other material than the plan has"
        ) { $0["material"] = .string(Forger.otherDigest) },
        changing("a look at other material", "reimport-verified", otherwise) {
            $0["material"] = .string(Forger.otherDigest)
        },
        changing("material that expires", "reimport-verified", otherwise) { $0["expiry"] = "2027-01-01T00:00:00Z" },
        changing("a key that is unusable still", "reimport-verified", otherwise) { $0["keyState"] = "PendingImport" },
        Forgery("verified twice", "verified before it was imported, or twice") { forger in
            let index = try forger.index("reimport-verified")
            forger.insert([forger.lines[index]], at: index + 1)
            return .line(index + 1)
        },
        Forgery("verified before it was imported", "verified before it was imported, or twice") { forger in
            let (verified, intended) = (try forger.index("reimport-verified"), try forger.index("import-intended"))
            let line = forger.lines.remove(at: verified)
            forger.insert([line], at: intended)
            return .line(intended)
        },
        Forgery("settled and never looked at", "settled before the activation was verified") { forger in
            forger.lines.remove(at: try forger.index("reimport-verified"))
            return .line(try forger.index("settle-intended"))
        },
        Forgery("an activation that is none of it", "the gate activate was not the next to open") { forger in
            let index = try forger.index("gate-opened", ["gate": "close"])
            var opened = forger.lines[index]
            opened.body["gate"] = "activate"
            opened.body["subject"] = .object(["activate": .object(["slots": .array([])])])
            forger.lines.insert(opened, at: index)
            return .line(index)
        },
    ]
}
