import Ceremony
import CryptoPrimitives
import Evidence
import Room
import TestSupport
import Testing

/// What is left behind by a ceremony that was killed and went on: in its folder, in the HSM, in KMS.
struct KillOutcome {
    /// What `plan` asked KMS about the key, and whoever made it, before anything could be killed.
    private static let planning: [Strategy: [String: Int]] = [
        .rotate: ["DescribeKey": 1, "ListKeyRotations": 1, "GetKeyPolicy": 1, "Encrypt": 1, "Decrypt": 1],
        .import: ["CreateKey": 1, "DescribeKey": 3, "ListKeyRotations": 1, "GetKeyPolicy": 1],
        .replace: ["DescribeKey": 2, "GetKeyPolicy": 1, "Encrypt": 1, "Decrypt": 1, "ListGrants": 1],
    ]
    /// What each outside call of the engine is to KMS. Tags are looked up on keys of other ceremonies, too: uncounted.
    private static let operations = [
        "kms.describe": ["DescribeKey"], "kms.materials": ["ListKeyRotations"], "kms.policyDigest": ["GetKeyPolicy"],
        "kms.importParameters": ["GetParametersForImport"], "kms.importMaterial new": ["ImportKeyMaterial"],
        "kms.importMaterial existing": ["ImportKeyMaterial"], "kms.rotate": ["RotateKeyOnDemand"],
        "kms.encrypt": ["Encrypt"], "kms.decrypt": ["Decrypt"], "kms.target": ["DescribeKey"],
        "kms.settings": ["DescribeKey", "GetKeyPolicy"], "kms.createKey": ["CreateKey"],
        "kms.createAlias": ["CreateAlias"], "kms.updateAlias": ["UpdateAlias"],
    ]
    private static let uncounted: Set = ["ListResourceTags"]
    /// What changes something outside that cannot be had back: once, whatever happens.
    private static let once = [
        "hsm.generate", "hsm.removeCheckUsage", "kms.importMaterial new", "kms.importMaterial existing",
    ]
    /// The same, by strategy.
    private static let onceToo: [Strategy: [String]] = [
        .rotate: ["kms.rotate"], .import: ["kms.createAlias"], .replace: ["kms.createKey", "kms.updateAlias"],
    ]
    /// What is done again when its result was not recorded, and how often it is done otherwise.
    private static let again = [
        (call: "hsm.selfTest", result: "self-tested", times: 1), (call: "hsm.wrap", result: "wrapped", times: 1),
        (call: "kms.importParameters", result: "fetched", times: 2),
    ]
    /// What leaves nothing behind outside the folder.
    private static let reads: Set = [
        "environment.observe", "hsm.find", "hsm.encrypt", "hsm.leave", "kms.describe", "kms.materials",
        "kms.policyDigest", "kms.encrypt", "kms.decrypt", "kms.target", "kms.settings", "kms.keys", "signer.sign",
    ]

    private let held: HeldCeremony
    private let slot: PlanSlot
    /// The ARN of the key that holds the new material.
    private let key: String
    private let calls: [KillRoom.Call]
    private var once: [String] { Self.once + (Self.onceToo[slot.strategy] ?? []) }

    /// - Parameter calls: All that the embedded KMS was asked.
    init(_ held: HeldCeremony, calls: [KillRoom.Call]) throws {
        self.held = held
        slot = try held.ceremony.slot
        key = try #require(try held.ceremony.record().key(of: slot))
        // An alias that does not exist yet is all that a call about it can name.
        let names = [slot.key, key].map { $0.split(separator: "/").last.map(String.init) } + [slot.alias]
        self.calls = calls.filter { names.contains($0.keyId) && !Self.uncounted.contains($0.operation) }
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
        for call in once { #expect(held.count(of: call) == 1, "\(call), \(comment)") }
        for (call, result, times) in Self.again {
            #expect(held.count(of: call) == times + held.unrecorded(call, result: result), "\(call), \(comment)")
        }
        let known = Self.reads.union(once).union(Self.again.map(\.call))
        let outside = Set(held.reached.map { String($0.drop { $0 != " " }.dropFirst()) })
            .filter { !$0.hasPrefix("journal ") && !$0.hasPrefix("folder.") && !$0.hasPrefix("memory.") }
        #expect(outside.isSubset(of: known), "each call is known to be a read, or held to how often it may be had")
    }

    /// KMS itself counted what the processes wrote down that they asked it, no call more, none of them refused.
    func expectCallsToBeCounted(_ comment: Comment) {
        var expected = Self.planning[slot.strategy] ?? [:]
        for (call, operations) in Self.operations {
            let count = held.count(of: call)
            for operation in operations where count > 0 { expected[operation, default: 0] += count }
        }
        let counted = calls.reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
        #expect(counted == expected, comment)
        let refused = calls.filter { $0.error != nil }
        #expect(refused.allSatisfy { isLookForNoAlias($0) }, comment)
    }

    private func isLookForNoAlias(_ call: KillRoom.Call) -> Bool {
        slot.createsAlias == true && call.keyId == slot.alias && call.operation == "DescribeKey"
            && call.error == "NotFoundException"
    }

    private func expectState(_ comment: Comment) async throws {
        let ports = try held.ceremony.room.site.site.ports(folder: held.ceremony.disk, progress: Unwatched())
        let keys = try await ports.hsm.find(label: slot.label, id: slot.id)
        try await ports.hsm.leave()
        #expect(keys.count == 1, comment)
        let materials = try await ports.kms.materials(of: key)
        let states: [KMSMaterial.State] = slot.strategy == .rotate ? [.nonCurrent, .current] : [.current]
        #expect(materials.map(\.state) == states, comment)
        #expect(materials.count(where: \.onDemand) == (slot.strategy == .rotate ? 1 : 0), comment)
        if slot.strategy == .rotate { #expect(materials.first?.id == slot.currentMaterial, comment) }
        let resolved = try await ports.kms.describe(slot.shownName)
        #expect(resolved.arn == key && resolved.state == "Enabled", comment)
        guard slot.strategy == .replace else { return }
        #expect(try await ports.kms.describe(slot.key).currentMaterial == slot.currentMaterial, comment)
        #expect(try await ports.kms.keys(tagged: slot.marker) == TaggedKeys(found: [key], unreadable: 0), comment)
    }
}
