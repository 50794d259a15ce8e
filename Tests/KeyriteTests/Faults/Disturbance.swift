import AWS
import Ceremony
import Evidence
import Foundation
import Testing

/// Something that happens to a key, or to the calls for it, in the middle of a ceremony.
struct Disturbance: Sendable, CustomTestStringConvertible {
    /// Whoever may change the account's keys.
    struct Hands: Sendable {
        let room: CeremonyRoom
        let kms: KMSClient
        /// The key that the plan found.
        let key: String
        /// Another one of the account.
        let other: String

        func move(to key: String) async throws {
            _ = try await kms.updateAlias(.init(aliasName: CeremonyRoom.alias, targetKeyID: key))
        }
    }

    /// What it is, in a test's name.
    let what: String
    var strategy = Strategy.rotate
    /// The last step before it.
    let after: Step
    let done: @Sendable (Hands) async throws -> Void
    /// What people read then, from what happened to what to do: each in this order.
    let says: [String]
    /// The exit status then.
    var status: Int32 = 1
    /// The planned key as it stands then.
    let standing: String
    /// AWS's name of what the transcript ends with; nil where nothing was refused.
    var refusal: String?
    /// What people do about it.
    let remedied: @Sendable (Hands) async throws -> Void

    var testDescription: String { "\(what), after \(after.rawValue) of a \(strategy.rawValue)" }
}

extension Disturbance {
    /// By somebody who may.
    static let byOthers: [Disturbance] = [
        Disturbance(
            what: "the key is disabled", after: .fetch,
            done: { _ = try await $0.kms.call(DisableKey.self, .init(keyID: $0.key)) },
            says: [
                "\(CeremonyRoom.alias) is no longer what the plan found: it resolves to arn:", ", Disabled. ",
                "Find out who disabled it. Once it is enabled again (kms:EnableKey), run again",
            ],
            standing: "Disabled; CURRENT; the alias is at itself",
            remedied: { _ = try await $0.kms.call(EnableKey.self, .init(keyID: $0.key)) }),
        Disturbance(
            what: "the key is to be deleted", after: .wrap, done: scheduleDeletion,
            says: [
                "ImportKeyMaterial was refused with KMSInvalidStateException", "is pending deletion",
                "Nothing took effect, and the refusal is on record. ", "kms:CancelKeyDeletion, kms:EnableKey",
                "run again",
            ],
            standing: "PendingDeletion; CURRENT; the alias is at itself", refusal: "KMSInvalidStateException",
            remedied: cancelDeletion),
        Disturbance(
            what: "the key is to be deleted", after: .activate, done: scheduleDeletion,
            says: [
                "The key of \(CeremonyRoom.slot) cannot be rotated: it is PendingDeletion. Nothing was rotated, and the "
                    + "imported material waits. ",
                "(kms:CancelKeyDeletion, kms:EnableKey), run again",
            ],
            standing: "PendingDeletion; CURRENT, PENDING_ROTATION; the alias is at itself",
            remedied: cancelDeletion),
        Disturbance(
            what: "the key is disabled", after: .activate,
            done: { _ = try await $0.kms.call(DisableKey.self, .init(keyID: $0.key)) },
            says: [
                "The key of \(CeremonyRoom.slot) cannot be rotated: it is Disabled. Nothing was rotated, and the imported "
                    + "material waits. ", "(kms:EnableKey), run again",
            ],
            standing: "Disabled; CURRENT, PENDING_ROTATION; the alias is at itself",
            remedied: { _ = try await $0.kms.call(EnableKey.self, .init(keyID: $0.key)) }),
        Disturbance(
            what: "the new key is disabled", strategy: .replace, after: .activate,
            done: { _ = try await $0.kms.call(DisableKey.self, .init(keyID: try newKey($0))) },
            says: [
                "The keys of \(CeremonyRoom.slot) are no longer as the activation was signed: the new key is Disabled. ",
                "was not touched. ", "have it as it was, then run again, or end the ceremony",
            ],
            standing: "Enabled; CURRENT; the alias is at itself",
            remedied: { _ = try await $0.kms.call(EnableKey.self, .init(keyID: try newKey($0))) }),
        Disturbance(
            what: "the alias is moved", after: .prove, done: { try await $0.move(to: $0.other) },
            says: [
                "\(CeremonyRoom.alias) is no longer as the plan found it: it resolves to arn:", ", and did to arn:",
                "Nothing was activated. ", "have it as it was, then run again, or end the ceremony",
            ],
            standing: "Enabled; CURRENT, PENDING_ROTATION; the alias is at another",
            remedied: { try await $0.move(to: $0.key) }),
        Disturbance(
            what: "the alias is moved", after: .activate, done: { try await $0.move(to: $0.other) },
            says: [
                "The key of \(CeremonyRoom.slot) is no longer as the activation was signed: \(CeremonyRoom.alias) resolves to arn:",
                ", and did to arn:", "Nothing was rotated. ", "have it as it was, then run again, or end the ceremony",
            ],
            standing: "Enabled; CURRENT, PENDING_ROTATION; the alias is at another",
            remedied: { try await $0.move(to: $0.key) }),
        Disturbance(
            what: "the alias is moved", strategy: .replace, after: .fetch, done: { try await $0.move(to: $0.other) },
            says: [
                "\(CeremonyRoom.alias) is no longer what the plan found: it resolves to arn:",
                "Find out who moved it. Once it is back, run again; or end the ceremony",
            ],
            standing: "Enabled; CURRENT; the alias is at another", remedied: { try await $0.move(to: $0.key) }),
        Disturbance(
            what: "the alias is moved", strategy: .replace, after: .activate,
            done: { try await $0.move(to: $0.other) },
            says: [
                "\(CeremonyRoom.alias) does not resolve to what the activation was signed for, but to arn:",
                "It was not touched. ", "have it as it was, then run again, or end the ceremony",
            ],
            standing: "Enabled; CURRENT; the alias is at another", remedied: { try await $0.move(to: $0.key) }),
        Disturbance(
            what: "pending material is left in the key", after: .wrap,
            done: { _ = try await $0.room.importForeignMaterial(into: $0.key) },
            says: [
                "The key of \(CeremonyRoom.slot) has pending material that this ceremony did not import: KeyMaterialId ",
                "Nothing was imported. ", "look again, some minutes after the last rotation",
                "and only then, delete it by its id: aws kms delete-imported-key-material --key-id arn:",
                "Then run again",
            ],
            standing: "Enabled; CURRENT, PENDING_ROTATION; the alias is at itself",
            remedied: { hands in
                let materials = try await hands.kms.allKeyMaterials(keyID: hands.key)
                let pending = try #require(materials.first { $0.keyMaterialState == .pendingRotation })
                _ = try await hands.kms.deleteImportedKeyMaterial(
                    .init(keyID: hands.key, keyMaterialID: pending.keyMaterialID))
            }),
    ]

    private static let scheduleDeletion: @Sendable (Hands) async throws -> Void = {
        _ = try await $0.kms.call(ScheduleKeyDeletion.self, .init(keyID: $0.key))
    }

    private static let cancelDeletion: @Sendable (Hands) async throws -> Void = {
        _ = try await $0.kms.call(CancelKeyDeletion.self, .init(keyID: $0.key))
        _ = try await $0.kms.call(EnableKey.self, .init(keyID: $0.key))
    }

    private static func newKey(_ hands: Hands) throws -> String {
        let record = try hands.room.record()
        return try #require(record.key(of: record.plan.slots[0]))
    }
}

extension Disturbance {
    /// By KMS itself: what it refuses, once.
    static let refusals: [Disturbance] = [
        refused(
            "ImportKeyMaterial", "IncorrectKeyMaterialException", after: .wrap,
            says: [
                "The key has this very material already, or this is not the material that it should be",
                "aws kms list-key-rotations --include-key-material ALL_KEY_MATERIAL --key-id",
                "If nobody else imported anything, run again. If somebody did, or KMS says this once more, end this ceremony",
            ],
            standing: "Enabled; CURRENT; the alias is at itself"),
        refused(
            "ImportKeyMaterial", "IncorrectKeyMaterialException", after: .import,
            says: [
                "The key has this very material already, or this is not the material that it should be",
                "Activate nothing until then",
            ],
            standing: "Enabled; CURRENT, PENDING_ROTATION; the alias is at itself"),
        refused(
            "ImportKeyMaterial", "InvalidCiphertextException", after: .wrap,
            says: ["Run again: it fetches a new wrapping key and token, and asks for a new release"],
            standing: "Enabled; CURRENT; the alias is at itself"),
        refused(
            "ImportKeyMaterial", "ExpiredImportTokenException", after: .wrap,
            says: ["Run again: it fetches a new wrapping key and token, and asks for a new release"],
            standing: "Enabled; CURRENT; the alias is at itself"),
        refused(
            "ImportKeyMaterial", "ExpiredImportTokenException", after: .import,
            says: ["Run again: it fetches a new wrapping key and token, and asks for a new release"],
            standing: "Enabled; CURRENT, PENDING_ROTATION; the alias is at itself"),
        refused(
            "ImportKeyMaterial", "KMSInvalidStateException", after: .wrap, says: stateWords,
            standing: "Enabled; CURRENT; the alias is at itself"),
        refused(
            "RotateKeyOnDemand", "KMSInvalidStateException", after: .activate, says: stateWords,
            standing: "Enabled; CURRENT, PENDING_ROTATION; the alias is at itself"),
        refused(
            "UpdateAlias", "KMSInvalidStateException", .replace, after: .activate, says: stateWords,
            standing: "Enabled; CURRENT; the alias is at itself"),
    ]

    private static let stateWords = [
        "Look at its KeyState (aws kms describe-key --key-id", "Disabled: it is enabled again with kms:EnableKey",
        "PendingDeletion: with kms:CancelKeyDeletion, kms:EnableKey", "PendingImport: ",
        "Then run again",
    ]

    private static func refused(
        _ operation: String, _ code: String, _ strategy: Strategy = .rotate, after step: Step, says: [String],
        standing: String
    ) -> Disturbance {
        Disturbance(
            what: "\(code) of \(operation)", strategy: strategy, after: step,
            done: {
                try await $0.room.setFaults(["operation": operation, "times": 1, "fault": "error", "name": code])
            },
            says: ["\(operation) was refused with \(code)", "Nothing took effect, and the refusal is on record. "]
                + says,
            standing: standing, refusal: code, remedied: { _ in })
    }
}
