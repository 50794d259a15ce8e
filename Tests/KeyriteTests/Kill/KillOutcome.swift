import Ceremony
import CryptoPrimitives
import Evidence
import Room
import TestSupport
import Testing

/// What is left behind by a ceremony that was killed and went on: in its folder, in the HSM, in KMS.
struct KillOutcome {
    /// What `plan` asked KMS about the key, before anything could be killed.
    private static let planning = [
        "DescribeKey": 1, "ListKeyRotations": 1, "GetKeyPolicy": 1, "Encrypt": 1, "Decrypt": 1,
    ]
    /// What each outside call of the engine is to KMS.
    private static let operations = [
        "kms.describe": "DescribeKey", "kms.materials": "ListKeyRotations", "kms.policyDigest": "GetKeyPolicy",
        "kms.importParameters": "GetParametersForImport", "kms.importMaterial new": "ImportKeyMaterial",
        "kms.importMaterial existing": "ImportKeyMaterial", "kms.rotate": "RotateKeyOnDemand",
        "kms.encrypt": "Encrypt", "kms.decrypt": "Decrypt",
    ]
    /// What changes something outside that cannot be had back: once, whatever happens.
    private static let once = [
        "hsm.generate", "hsm.removeCheckUsage", "kms.importMaterial new", "kms.importMaterial existing", "kms.rotate",
    ]
    /// What is done again when its result was not recorded, and how often it is done otherwise.
    private static let again = [
        (call: "hsm.selfTest", result: "self-tested", times: 1), (call: "hsm.wrap", result: "wrapped", times: 1),
        (call: "kms.importParameters", result: "fetched", times: 2),
    ]
    /// What leaves nothing behind outside the folder.
    private static let reads: Set = [
        "environment.observe", "hsm.find", "hsm.encrypt", "hsm.leave", "kms.describe", "kms.materials",
        "kms.policyDigest", "kms.encrypt", "kms.decrypt", "signer.sign",
    ]

    private let held: HeldCeremony
    private let slot: PlanSlot
    private let calls: [KillRoom.Call]

    /// - Parameter calls: All that the embedded KMS was asked.
    init(_ held: HeldCeremony, calls: [KillRoom.Call]) throws {
        self.held = held
        slot = try held.ceremony.slot
        let id = slot.key.split(separator: "/").last.map(String.init)
        self.calls = calls.filter { $0.keyId == id }
    }

    func expect(likeUndisturbed normal: NormalEvidence, _ comment: Comment) async throws {
        let evidence = try NormalEvidence(of: held.ceremony.disk, slot: held.ceremony.name)
        #expect(evidence.firstDifference(from: normal) == nil, comment)
        try await expectVerified(comment)
        expectNothingTwice(comment)
        expectCallsToBeCounted(comment)
        try await expectState(comment)
    }

    private func expectVerified(_ comment: Comment) async throws {
        let ceremony = held.ceremony
        let roster = SHA256Digest(of: ceremony.room.site.rosterBytes).hex
        let outcome = try await ceremony.room.keyrite(["verify", ceremony.folder, "--roster", roster])
        #expect(outcome.status == 0, "\(comment): \(outcome.stdoutText)\(outcome.stderrText)")
    }

    private func expectNothingTwice(_ comment: Comment) {
        for call in Self.once { #expect(held.count(of: call) == 1, "\(call), \(comment)") }
        for (call, result, times) in Self.again {
            #expect(held.count(of: call) == times + held.unrecorded(call, result: result), "\(call), \(comment)")
        }
        let known = Self.reads.union(Self.once).union(Self.again.map(\.call))
        let outside = Set(held.reached.map { String($0.drop { $0 != " " }.dropFirst()) })
            .filter { !$0.hasPrefix("journal ") && !$0.hasPrefix("folder.") && !$0.hasPrefix("memory.") }
        #expect(outside.isSubset(of: known), "each call is known to be a read, or held to how often it may be had")
    }

    /// KMS itself counted what the processes wrote down that they asked it, no call more, none of them refused.
    func expectCallsToBeCounted(_ comment: Comment) {
        var expected = Self.planning
        for (call, operation) in Self.operations { expected[operation, default: 0] += held.count(of: call) }
        let counted = calls.reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
        #expect(counted == expected, comment)
        #expect(calls.compactMap(\.error) == [], comment)
    }

    private func expectState(_ comment: Comment) async throws {
        let ports = try held.ceremony.room.site.site.ports(folder: held.ceremony.disk, progress: Unwatched())
        let keys = try await ports.hsm.find(label: slot.label, id: slot.id)
        try await ports.hsm.leave()
        #expect(keys.count == 1, comment)
        let materials = try await ports.kms.materials(of: slot.key)
        #expect(materials.map(\.state) == [.nonCurrent, .current], comment)
        #expect(materials.count(where: \.onDemand) == 1, comment)
        #expect(materials.first?.id == slot.currentMaterial, comment)
        #expect(try await ports.kms.describe(slot.alias).state == "Enabled", comment)
    }
}
