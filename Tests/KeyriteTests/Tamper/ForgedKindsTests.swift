import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite(
        "A forged transcript over keys of other kinds, and over keys that are locked or destroyed, is refused by both",
        .heldOnce {
            try await .hold(at: $0, hostsModule: true, remarks: OtherKinds.remarks, seed: OtherKinds.seed)
        }, .serialized)
    struct ForgedKindsTests {
        @Test("forged as it was, it verifies")
        func control() async throws {
            try await withCopy { try await $0.expectVerified(forged: { _ in }) }
        }

        @Test("a rule of the ceremony is broken", arguments: Forgery.ofKinds)
        func broken(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery) }
        }

        @Test("a plan of what cannot be held so is refused for what it says", arguments: ForgedPlan.ofKinds)
        func plan(_ forged: ForgedPlan) async throws {
            try await withCopy { try await $0.expectRefusal(of: forged) }
        }
    }
}

/// The keys of the ceremony, in the plan's order.
private enum OtherKinds {
    static let code = "codes-production"
    static let curve = "curve-production"
    static let pair = "signing-production"
    static let locked = "ledger-production"
    static let destroyed = "archive-production"

    static let remarks: [Interjection] = [
        .exhibit(by: "wendy", name: "locked.txt", what: "a restored backup", bytes: Array("1".utf8)),
        .exhibit(by: "wendy", name: "destroyed.txt", what: "a restored backup", bytes: Array("2".utf8)),
        .exception(by: "ben", what: "lock \(locked)", why: "it must not leave again", remedy: "the backup"),
        .exception(by: "ben", what: "destroy \(destroyed)", why: "the HSM is returned", remedy: "the backup"),
    ]

    static func seed(_ room: RehearsalSite) async throws -> [DefinedKey] {
        let imported = [(code, KeySpec.hmac256), (curve, .p256)]
        var keys: [DefinedKey] = []
        for (slot, keySpec) in imported {
            let key = try await room.createPendingKey(description: "waits", keySpec: keySpec)
            keys.append(DefinedKey(alias: "alias/\(slot)", key: key, strategy: .import, proof: true))
        }
        try await room.seedExternalKey(alias: "alias/\(pair)", keySpec: .rsa2048)
        keys.append(DefinedKey(alias: "alias/\(pair)", strategy: .replace, proof: true))
        let left =
            [(locked, Custody(retention: .lock, backup: "locked.txt"), true)]
            + [(destroyed, Custody(retention: .destroy, backup: "destroyed.txt"), false)]
        for (slot, custody, proof) in left {
            try await room.seedExternalKey(alias: "alias/\(slot)")
            keys.append(DefinedKey(alias: "alias/\(slot)", strategy: .rotate, proof: proof, custody: custody))
        }
        return keys
    }
}

extension ForgedPlan {
    static let ofKinds = kinds + custody + profiles

    private static let kinds = [
        slot(0, "is HMAC_256 for another usage") { $0["keyUsage"] = "ENCRYPT_DECRYPT" },
        slot(1, "is ECC_NIST_P256 for another usage") { $0["keyUsage"] = "ENCRYPT_DECRYPT" },
        slot(2, "is RSA_2048 for another usage") { $0["keyUsage"] = "KEY_AGREEMENT" },
        slot(3, "is SYMMETRIC_DEFAULT for another usage") { $0["keyUsage"] = "SIGN_VERIFY" },
        slot(0, "a proof that its kind of key cannot have") { $0["proof"] = "second import" },
        slot(1, "a proof that its kind of key cannot have") { $0["proof"] = "none" },
        slot(3, "a proof that its kind of key cannot have") { $0["proof"] = "commitment" },
        slot(3, "is HMAC_256, which has one material for ever") {
            $0 = $0.without("description").without("probe")
            $0["keySpec"] = "HMAC_256"
            $0["keyUsage"] = "GENERATE_VERIFY_MAC"
            $0["proof"] = "commitment"
        },
        slot(0, "has not the fields of import") { $0["description"] = "of what KMS does not describe" },
        slot(2, "has not the fields of replace") { $0["description"] = "of what KMS does not describe" },
        slot(3, "has not the fields of rotate") { $0 = $0.without("description") },
        slot(2, "has not the fields of replace") {
            $0["probe"] = .object(["ciphertext": "", "plaintext": .string(Forger.otherDigest)])
        },
        slot(3, "has not the fields of rotate") { $0 = $0.without("probe") },
        slot(2, "has not the fields of replace") { $0 = $0.without("currentMaterial") },
    ]

    private static let custody = [
        slot(1, "is ECC_NIST_P256, which cannot be wrapped under trusted keys") { $0["trustedWrapping"] = .bool(true) },
        slot(2, "is RSA_2048, which cannot be wrapped under trusted keys") { $0["trustedWrapping"] = .bool(true) },
        slot(0, "has not the fields of import") { $0["backup"] = "locked.txt" },
        slot(0, "has not the fields of import") { $0["retention"] = "destroy" },
        slot(3, "has not the fields of rotate") { $0 = $0.without("backup") },
        slot(4, "has not the fields of rotate") { $0["retention"] = "retain" },
        slot(3, "is named by no exhibit's name") { $0["backup"] = ".locked" },
        slot(3, "is named by no exhibit's name") { $0["backup"] = "a/b" },
        slot(3, "is named by no exhibit's name") { $0["backup"] = "" },
        slot(3, "is named by no exhibit's name") { $0["backup"] = .string(String(repeating: "a", count: 101)) },
        slot(2, "is multi-Region, and its HSM key is not retained") {
            $0["new"]["multiRegion"] = .bool(true)
            $0["retention"] = "lock"
            $0["backup"] = "locked.txt"
        },
    ]

    private static let other = "it makes or wraps"
    private static let others = "it does not say of its kinds of key, and no others, how they are made"

    private static let profiles = [
        profiles(others) { $0.removeLast() },
        profiles(others) { $0.append($0[1]) },
        profiles(others) { profiles in
            var more = profiles[1]
            more["keySpec"] = "HMAC_512"
            more["attributes"] = more["attributes"].setting("CKA_VALUE_LEN", to: "64")
            profiles.insert(more, at: 2)
        },
        profiles(others) { $0.swapAt(0, 1) },
        profiles(other) { $0[0]["way"] = "composed" },
        profiles(other) { $0[2]["way"] = "direct" },
        profiles(other) { $0[1]["algorithm"] = "RSA_AES_KEY_WRAP_SHA_256" },
        profiles(other) { $0[3]["algorithm"] = "RSAES_OAEP_SHA_256" },
        profiles(other) { $0[1]["attributes"] = $0[1]["attributes"].setting("CKA_VALUE_LEN", to: "28") },
        profiles(other) { $0[3]["attributes"] = $0[3]["attributes"].setting("CKA_SIGN", to: "true") },
        profiles(other) { $0[2]["attributes"] = .array($0[2]["attributes"].elements.dropLast()) },
        profiles(other) { $0[0]["attributes"] = .array($0[0]["attributes"].elements.reversed()) },
    ]

    private static func profiles(
        _ reason: String, _ change: @escaping @Sendable (inout [JSONValue]) -> Void
    ) -> ForgedPlan {
        ForgedPlan(reason: reason) { plan in
            var profiles = plan["profiles"].elements
            change(&profiles)
            plan["profiles"] = .array(profiles)
        }
    }
}

extension Forgery {
    static let ofKinds = made + identified + imports + activations + retentions

    /// Changes a slot's line with what another slot's line of the same kind says.
    private static func borrowing(
        _ name: String, _ kind: String, of slot: String, from other: String, _ reason: String,
        _ change: @escaping @Sendable (inout JSONValue, JSONValue) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let lent = forger.lines[try forger.index(kind, ["slot": .string(other)])].body
            let index = try forger.index(kind, ["slot": .string(slot)])
            change(&forger.lines[index].body, lent)
            return .line(index)
        }
    }

    private static let made = [
        Forgery("a self-test without one kind", "not everything held") { forger in
            let index = try forger.index("self-tested")
            let held = forger.lines[index].body["held"].elements
            forger.lines[index].body["held"] = .array(held.filter { !$0.text.hasPrefix("HMAC_256/") })
            return .line(index)
        },
        Forgery("a self-test in which a kind was not read back", "not everything held") { forger in
            let index = try forger.index("self-tested")
            let held = forger.lines[index].body["held"].elements
            forger.lines[index].body["held"] = .array(held.filter { $0 != "ECC_NIST_P256/template-read-back" })
            return .line(index)
        },
        replacing("a code's key of another type", "generated", of: OtherKinds.code, "not what the plan demands") {
            $0["attributes"] = $0["attributes"].setting("CKA_KEY_TYPE", to: "CKK_AES")
        },
        replacing("a private key that signs", "generated", of: OtherKinds.curve, "not what the plan demands") {
            $0["attributes"] = $0["attributes"].setting("CKA_SIGN", to: "true")
        },
        replacing("a pair of another type", "generated", of: OtherKinds.pair, "not what the plan demands") {
            $0["attributes"] = $0["attributes"].setting("CKA_KEY_TYPE", to: "CKK_EC")
        },
        replacing("an attribute twice", "generated", of: OtherKinds.code, "not what the plan demands") {
            $0["attributes"] = .array($0["attributes"].elements + $0["attributes"].elements.suffix(1))
        },
    ]

    private static let noCheckValues = "check values that its kind does not have"
    private static let notOfItsKind = "a public key that is not one of its kind"
    private static let notItsDigest = "a commitment that is not its public key's digest"
    private static let no16Bytes = "a commitment that is not 16 bytes in hex"

    private static let identified = [
        borrowing(
            "check values of a code's key", "generated", of: OtherKinds.code, from: OtherKinds.locked, noCheckValues
        ) { $0["checkValues"] = $1["checkValues"] },
        borrowing(
            "check values of a pair", "generated", of: OtherKinds.curve, from: OtherKinds.locked, noCheckValues
        ) { $0["checkValues"] = $1["checkValues"] },
        replacing("no check values", "generated", of: OtherKinds.locked, noCheckValues) {
            $0 = $0.without("checkValues")
        },
        borrowing(
            "a public key of a code's key", "generated", of: OtherKinds.code, from: OtherKinds.curve,
            "a public key of a secret key"
        ) { $0["publicKey"] = $1["publicKey"] },
        borrowing(
            "a public key of an encryption key", "generated", of: OtherKinds.locked, from: OtherKinds.curve,
            "a public key of a secret key"
        ) { $0["publicKey"] = $1["publicKey"] },
        replacing("no public key", "generated", of: OtherKinds.curve, notOfItsKind) { $0 = $0.without("publicKey") },
        borrowing(
            "a public key of another kind, with its digest", "generated", of: OtherKinds.curve,
            from: OtherKinds.pair, notOfItsKind
        ) {
            $0["publicKey"] = $1["publicKey"]
            $0["commitment"] = $1["commitment"]
        },
        replacing("a public key in a second form", "generated", of: OtherKinds.curve, notOfItsKind) {
            $0["publicKey"] = .string(inSecondForm($0["publicKey"].text))
        },
        replacing("a public key that is cut off", "generated", of: OtherKinds.pair, notOfItsKind) {
            $0["publicKey"] = .string(String($0["publicKey"].text.dropLast(4)))
        },
        replacing("a public key that is no base64", "generated", of: OtherKinds.pair, notOfItsKind) {
            $0["publicKey"] = .string($0["publicKey"].text.dropLast(4) + "{}{}")
        },
        replacing("another public key", "generated", of: OtherKinds.curve, notItsDigest) {
            let text = $0["publicKey"].text
            $0["publicKey"] = .string(text.prefix(60) + "AAAA" + text.dropFirst(64))
        },
        replacing("another digest of a public key", "generated", of: OtherKinds.pair, notItsDigest) {
            $0["commitment"] = .string(Forger.otherDigest)
        },
        replacing("a digest of a public key in a second form", "generated", of: OtherKinds.pair, notItsDigest) {
            $0["commitment"] = .string($0["commitment"].text.uppercased())
        },
        replacing("a long commitment", "generated", of: OtherKinds.code, no16Bytes) {
            $0["commitment"] = .string(Forger.otherDigest)
        },
        replacing("a short commitment", "generated", of: OtherKinds.locked, no16Bytes) {
            $0["commitment"] = .string(String($0["commitment"].text.dropLast(2)))
        },
        replacing("a commitment in a second form", "generated", of: OtherKinds.code, no16Bytes) {
            $0["commitment"] = .string(String(repeating: "AB", count: 16))
        },
        borrowing(
            "one commitment for keys of two kinds", "generated", of: OtherKinds.destroyed, from: OtherKinds.code,
            "one commitment for two keys"
        ) { $0["commitment"] = $1["commitment"] },
    ]

    /// The same bytes in base64 whose unused last bits are not zero.
    private static func inSecondForm(_ base64: String) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let (bare, padding) = (base64.prefix { $0 != "=" }, base64.drop { $0 != "=" })
        guard let last = bare.last, let digit = digits.firstIndex(of: last) else { return base64 }
        return bare.dropLast() + String(digits[digit ^ 1]) + padding
    }

    private static let imports =
        [
            stating("a release by another algorithm", at: "release", "it releases other keys") {
                $0["slots"][1]["algorithm"] = "RSAES_OAEP_SHA_256"
            },
            stating("a release of a code's key as a pair", at: "release", "it releases other keys") {
                $0["slots"][0]["algorithm"] = "RSA_AES_KEY_WRAP_SHA_256"
            },
            stating("a release of a second blob", at: "release", "it releases other keys") {
                $0["slots"][0]["proof"] = $0["slots"][0]["import"]
            },
            Forgery("a wrap under a key that nobody wanted trusted", "that the plan wants trusted and is not") {
                forger in
                let index = try forger.index("wrapped")
                forger.lines[index].body["blobs"][3]["trusted"] = .bool(true)
                return .line(index)
            },
            replacing("a fetch for a second blob", "fetch-intended", of: OtherKinds.code, "the plan does not have") {
                $0["purpose"] = "proof"
            },
            replacing("a description of what has none", "import-intended", of: OtherKinds.pair, "into another key") {
                $0["description"] = "material"
            },
            Forgery("a second import of a pair", "a proof that the plan does not have") { forger in
                let imported = try forger.index("imported", ["slot": .string(OtherKinds.curve)])
                let lent = try forger.index("prove-intended")
                forger.insert([forger.lines[lent]], at: imported + 1)
                forger.lines[imported + 1].body["slot"] = .string(OtherKinds.curve)
                return .line(imported + 1)
            },
        ]
        + [OtherKinds.code, OtherKinds.curve, OtherKinds.pair].map { slot in
            replacing("other material in \(slot)", "imported", of: slot, "KMS holds other material than was made") {
                $0["material"] = .string(Forger.otherDigest)
            }
        }

    private static let another = "something else than was imported"

    private static let activations =
        [
            stating("a lock that nobody authorizes", at: "authorize", "something else than the plan") {
                $0["slots"][3]["retention"] = "retain"
            },
            stating("a lock that nobody is shown", at: "activate", another) { $0["slots"][3]["retention"] = "retain" },
            stating("a lock that is shown as the end", at: "activate", another) {
                $0["slots"][3]["retention"] = "destroy"
            },
            stating("an end that nobody planned", at: "activate", another) { $0["slots"][0]["retention"] = "destroy" },
            stating("another backup", at: "activate", another) {
                $0["slots"][3]["backup"] = $0["slots"][4]["backup"]
            },
            stating("no backup", at: "activate", another) { $0["slots"][4] = $0["slots"][4].without("backup") },
            stating("a backup of what stays", at: "activate", another) {
                $0["slots"][1]["backup"] = $0["slots"][3]["backup"]
            },
            stating("no old commitment", at: "activate", another) {
                $0["slots"][2] = $0["slots"][2].without("materialBefore")
            },
            stating("an old commitment of what had none", at: "activate", another) {
                $0["slots"][0]["materialBefore"] = $0["slots"][2]["materialBefore"]
            },
            replacing("another old commitment", "activation-verified", of: OtherKinds.pair, "did not come out") {
                $0["oldMaterial"] = .string(Forger.otherDigest)
            },
            replacing("another new commitment", "activation-verified", of: OtherKinds.code, "did not come out") {
                $0["newMaterial"] = .string(Forger.otherDigest)
            },
            Forgery("a backup that is not on record", another) { forger in
                forger.lines.remove(at: try forger.index("exhibit", ["name": "locked.txt"]))
                return .line(try forger.index("gate-opened", ["gate": "activate"]))
            },
            Forgery("a backup that is not on record, and not shown", "lacks the exhibit locked.txt") { forger in
                forger.lines.remove(at: try forger.index("exhibit", ["name": "locked.txt"]))
                let index = try forger.index("gate-opened", ["gate": "activate"])
                let slot = forger.lines[index].body["subject"]["activate"]["slots"][3]
                forger.lines[index].body["subject"]["activate"]["slots"][3] = slot.without("backup")
                return .line(index)
            },
            Forgery("a backup that comes too late", another) { forger in
                let exhibit = forger.lines.remove(at: try forger.index("exhibit", ["name": "destroyed.txt"]))
                forger.insert([exhibit], at: try forger.index("gate-passed", ["gate": "activate"]) + 1)
                return .line(try forger.index("gate-opened", ["gate": "activate"]))
            },
            Forgery("an end without an exception", "lacks an exception that says what is done") { forger in
                forger.lines.remove(
                    at: try forger.index("exception", ["what": .string("destroy \(OtherKinds.destroyed)")]))
                return .line(try forger.index("gate-opened", ["gate": "activate"]))
            },
            Forgery("an exception that comes too late", "lacks an exception that says what is done") { forger in
                let what = JSONValue.string("lock \(OtherKinds.locked)")
                let exception = forger.lines.remove(at: try forger.index("exception", ["what": what]))
                forger.insert([exception], at: try forger.index("gate-passed", ["gate": "activate"]) + 1)
                return .line(try forger.index("gate-opened", ["gate": "activate"]))
            },
        ]
        + [
            "destroy \(OtherKinds.locked)", "lock \(OtherKinds.destroyed)", "Lock \(OtherKinds.locked)",
            "they lock \(OtherKinds.locked)", "lock \(OtherKinds.locked)-2", "lock \(OtherKinds.locked) was taken back",
            "lock \(OtherKinds.locked).", "lock  \(OtherKinds.locked)", "lock \(OtherKinds.locked) ",
        ].map { what in
            Forgery("an exception that says: \(what)", "lacks an exception that says what is done") { forger in
                let said = JSONValue.string("lock \(OtherKinds.locked)")
                let index = try forger.index("exception", ["what": said])
                forger.lines[index].body["what"] = .string(what)
                return .line(try forger.index("gate-opened", ["gate": "activate"]))
            }
        }

    private static let notLeft = "was not left as the plan demands"

    private static let retentions = [
        replacing("another end", "settle-intended", of: OtherKinds.locked, "the plan says another retention") {
            $0["retention"] = "destroy"
        },
        replacing("an end of what stays", "settle-intended", of: OtherKinds.pair, "the plan says another retention") {
            $0["retention"] = "destroy"
        },
        replacing("a locked key that can leave", "settled", of: OtherKinds.locked, notLeft) {
            $0["attributes"] = $0["attributes"].setting("CKA_EXTRACTABLE", to: "true")
        },
        replacing("a locked key that is gone", "settled", of: OtherKinds.locked, notLeft) {
            $0["attributes"] = .array([])
        },
        replacing("a locked key that encrypts", "settled", of: OtherKinds.locked, notLeft) {
            $0["attributes"] = $0["attributes"].setting("CKA_ENCRYPT", to: "true")
        },
        borrowing(
            "a destroyed key that is there", "settled", of: OtherKinds.destroyed, from: OtherKinds.locked,
            "the key was not destroyed"
        ) { $0["attributes"] = $1["attributes"] },
        replacing("a retained key that is locked", "settled", of: OtherKinds.pair, notLeft) {
            $0["attributes"] = $0["attributes"].setting("CKA_EXTRACTABLE", to: "false")
        },
        replacing("a code's key that still signs", "settled", of: OtherKinds.code, notLeft) {
            $0["attributes"] = $0["attributes"].setting("CKA_SIGN", to: "true")
        },
        replacing("a retained key that is gone", "settled", of: OtherKinds.curve, notLeft) {
            $0["attributes"] = .array([])
        },
    ]
}

/// Holds a ceremony over keys of several kinds before the first test, and takes its room down after the last.
