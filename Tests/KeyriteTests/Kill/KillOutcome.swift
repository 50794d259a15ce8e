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
        .import: ["CreateKey": 1, "DescribeKey": 2, "ListKeyRotations": 1, "GetKeyPolicy": 1],
        .replace: ["DescribeKey": 2, "GetKeyPolicy": 1, "ListGrants": 1],
        .revoke: ["DescribeKey": 3, "ListKeyRotations": 1, "GetKeyPolicy": 1],
        .reimport: seeding.merging(["DescribeKey": 2, "ListKeyRotations": 1, "GetKeyPolicy": 1]) { $0 + $1 },
    ]
    /// By what `plan` identifies the material of a key that is replaced.
    private static let identifying: [KeyFamily: [String]] = [
        .aes: ["Encrypt", "Decrypt"], .hmac: ["GenerateMac"], .rsa: ["GetPublicKey"], .ec: ["GetPublicKey"],
    ]
    /// By what the earlier ceremony of a material was stood in for.
    private static let seeding = [
        "CreateKey": 1, "GetParametersForImport": 1, "ImportKeyMaterial": 1, "CreateAlias": 1, "Encrypt": 1,
        "DeleteImportedKeyMaterial": 1,
    ]
    /// What each outside call of the engine is to KMS. Tags are looked up on keys of other ceremonies, too: uncounted.
    private static let operations = [
        "kms.describe": ["DescribeKey"], "kms.materials": ["ListKeyRotations"], "kms.policy": ["GetKeyPolicy"],
        "kms.importParameters": ["GetParametersForImport"], "kms.importMaterial new": ["ImportKeyMaterial"],
        "kms.importMaterial existing": ["ImportKeyMaterial"], "kms.rotate": ["RotateKeyOnDemand"],
        "kms.encrypt": ["Encrypt"], "kms.decrypt": ["Decrypt"], "kms.target": ["DescribeKey"],
        "kms.settings": ["DescribeKey", "GetKeyPolicy"], "kms.createKey": ["CreateKey"],
        "kms.createAlias": ["CreateAlias"], "kms.updateAlias": ["UpdateAlias"],
        "kms.authenticate": ["GenerateMac"], "kms.publicKey": ["GetPublicKey"],
        "kms.deleteMaterial": ["DeleteImportedKeyMaterial"],
    ]
    private static let uncounted: Set = ["ListResourceTags"]
    /// What changes something outside that cannot be had back: once, whatever happens, wherever new material is imported.
    private static let importing = ["hsm.generate", "kms.importMaterial new"]
    /// The same, of a strategy's own.
    private static let own: [Strategy: [String]] = [
        .rotate: ["kms.rotate"], .import: ["kms.createAlias"], .replace: ["kms.createKey", "kms.updateAlias"],
        .revoke: ["kms.deleteMaterial"], .reimport: ["kms.importMaterial existing"],
    ]
    /// After a kill at these nobody knows whether KMS was asked.
    static let signedAgain: [Strategy: Set<String>] = [
        .revoke: ["after journal revoke-intended", "before kms.deleteMaterial"],
        .reimport: ["after journal import-intended", "before kms.importMaterial existing"],
        .import: ["after journal alias-intended", "before kms.createAlias"],
        .replace: ["after journal alias-intended", "before kms.updateAlias"],
    ]
    /// What leaves nothing behind outside the folder.
    private static let reads: Set = [
        "environment.observe", "environment.examine", "hsm.find", "hsm.encrypt", "hsm.leave", "kms.describe",
        "kms.materials",
        "kms.policy", "kms.encrypt", "kms.decrypt", "kms.target", "kms.settings", "kms.keys", "signer.sign",
        "hsm.authenticate", "kms.authenticate", "kms.publicKey",
        // What a host remembers of a hand-over it may remember again.
        "gap.confirm", "gap.sign", "gap.remember",
    ]

    private let held: HeldCeremony
    private let strategy: Strategy
    private let slots: [PlanSlot]
    /// Whether wrapped keys were carried sealed, across an air gap.
    private let isSealed: Bool
    /// The ARNs of the keys that hold the new material, slot by slot.
    private let keys: [String]
    private let calls: [KillRoom.Call]
    private var makesMaterial: Bool { strategy.importsMaterial && strategy != .reimport }
    /// How often each of it is had.
    private var once: [String: ClosedRange<Int>] {
        let own = (makesMaterial ? Self.importing : []) + (Self.own[strategy] ?? [])
        var once = Dictionary(uniqueKeysWithValues: own.map { ($0, slots.count...slots.count) })
        let proofs = slots.count { $0.proof == .secondImport }
        if proofs > 0 { once["kms.importMaterial existing"] = proofs...proofs }
        // Of a pair there is no usage to take away: whoever looks whether it was taken finds that it was.
        let least = slots.count { ![.rsa, .ec].contains($0.keySpec.family) }
        if strategy.importsMaterial { once["hsm.removeCheckUsage"] = least...slots.count }
        if isSealed { once["gap.destroySealingKey"] = 1...1 }
        return once
    }

    /// What is done again when its result was not recorded, and how often it is done otherwise.
    private var again: [(call: String, result: String, times: Int)] {
        guard strategy.importsMaterial else { return [] }
        return [
            ("hsm.selfTest", "self-tested", 1), ("hsm.wrap", "wrapped", 1),
            ("kms.importParameters", "fetched", slots.reduce(0) { $0 + $1.purposes.count }),
        ] + (strategy == .reimport ? [("hsm.giveCheckUsage", "generated", slots.count)] : [])
    }

    /// - Parameter calls: All that the embedded KMS was asked.
    init(_ held: HeldCeremony, calls: [KillRoom.Call]) throws {
        self.held = held
        strategy = held.ceremony.strategy
        slots = try held.ceremony.slots
        isSealed = try FrozenCeremony(reading: held.ceremony.disk).plan.gap?.sealingDigest != nil
        let record = try held.ceremony.record()
        keys = try slots.map { try #require(record.key(of: $0)) }
        // An alias that does not exist yet is all that a call about it can name.
        let names =
            (slots.map(\.key) + keys).map { $0.split(separator: "/").last.map(String.init) } + slots.map(\.alias)
        self.calls = calls.filter { names.contains($0.keyId) && !Self.uncounted.contains($0.operation) }
    }

    func expect(likeUndisturbed normal: NormalEvidence, _ comment: Comment) async throws {
        let evidence = try NormalEvidence(of: held.ceremony.disk, slot: held.ceremony.name)
        // What a host remembers of the line of a call comes before it, and of other lines, too.
        let mayBeSignedAgain =
            Self.signedAgain[strategy] != nil && held.killed.contains { $0.name.contains(" memory.remember ") }
        let isSignedAgain =
            try held.killed.contains { Self.signedAgain[strategy]?.contains($0.name) == true }
            || mayBeSignedAgain && wasSignedAgain()
        #expect(try wasSignedAgain() == isSignedAgain, comment)
        if !isSignedAgain { #expect(evidence.firstDifference(from: normal) == nil, comment) }
        try await expectVerified(comment)
        expectNothingTwice(comment)
        expectCallsToBeCounted(comment)
        try await expectState(comment)
    }

    /// What is there too often: effects that KMS had, and keys and materials that nothing names. None must be.
    func excess() async throws -> (duplicates: Int, orphans: Int) {
        let count = slots.count
        let proofs = slots.count { $0.proof == .secondImport }
        let wanted: [String: Int] = [
            "ImportKeyMaterial": (strategy.importsMaterial ? count : 0) + proofs,
            "RotateKeyOnDemand": strategy == .rotate ? count : 0,
            "CreateKey": [.import, .replace].contains(strategy) ? count : 0,
            "CreateAlias": strategy == .import ? count : 0,
            "UpdateAlias": strategy == .replace ? count : 0,
            "DeleteImportedKeyMaterial": strategy == .revoke ? count : 0,
        ]
        let seeded = strategy == .reimport ? Self.seeding.mapValues { $0 * count } : [:]
        let duplicates = wanted.map { operation, wanted in
            max(0, calls.count { $0.operation == operation && $0.error == nil } - wanted - (seeded[operation] ?? 0))
        }
        let ports = try held.ceremony.room.setting.ports(
            folder: held.ceremony.disk, progress: Unwatched(), program: held.ceremony.room.program)
        var orphans = 0
        for (slot, key) in zip(slots, keys) {
            if strategy.importsMaterial {
                orphans += try await ports.hsm.find(label: slot.label, id: slot.id).count - 1
            }
            if slot.strategy == .replace { orphans += try await ports.kms.keys(tagged: slot.marker).found.count - 1 }
            guard slot.keySpec.keepsMaterials else { continue }
            orphans += try await ports.kms.materials(of: key).count - (strategy == .rotate ? 2 : 1)
        }
        try await ports.hsm.leave()
        return (duplicates.reduce(0, +), orphans)
    }

    /// What must be so wherever processes were killed, in the middle of a call too.
    ///
    /// - Parameters:
    ///   - normal: What an undisturbed one leaves; nil where that is not known.
    ///   - isShown: Whether verify.sh looks at it, too.
    func expectSound(likeUndisturbed normal: NormalEvidence?, isShown: Bool, _ comment: Comment) async throws {
        if let normal {
            let evidence = try NormalEvidence(of: held.ceremony.disk, slot: held.ceremony.name)
            let difference = evidence.firstDifference(from: normal)
            #expect(try difference == nil || wasSignedAgain(), comment)
        }
        try await expectVerified(comment, isShown: isShown)
        #expect(calls.filter { $0.error != nil }.allSatisfy { isLookForNoAlias($0) }, comment)
        try await expectState(comment)
    }

    /// Whether people signed once more, because nobody knew whether KMS had been asked.
    func wasSignedAgain() throws -> Bool {
        try held.ceremony.record().transcript.lines.contains {
            [.revokeAbandoned, .importAbandoned, .aliasAbandoned].contains($0.event.kind)
        }
    }

    /// What must be so of every end.
    func expectEnd(_ comment: Comment) async throws {
        try await expectVerified(comment, isShown: true)
        expectNothingTwice(comment)
        expectCallsToBeCounted(comment)
        try await expectState(comment)
    }

    private func expectVerified(_ comment: Comment, isShown: Bool? = nil) async throws {
        let ceremony = held.ceremony
        let roster = SHA256Digest(of: ceremony.room.site.rosterBytes).hex
        let outcome = try await ceremony.room.keyrite(["verify", ceremony.folder, "--roster", roster])
        #expect(outcome.status == 0, "\(comment): \(outcome.stdoutText)\(outcome.stderrText)")
        // A transcript tells of a kill only between which of its lines it fell: verify.sh need not see them all.
        guard isShown ?? held.killed.contains(where: { $0.name.hasPrefix("after journal ") }) else { return }
        let script = try await runProcess("dash", [TamperedFolder.script, ceremony.folder, "--roster", roster])
        #expect(script.status == 0, "\(comment): \(script.stdoutText)\(script.stderrText)")
    }

    private func expectNothingTwice(_ comment: Comment) {
        for (call, times) in once { #expect(times.contains(held.count(of: call)), "\(call), \(comment)") }
        for (call, result, times) in again {
            #expect(held.count(of: call) == times + held.unrecorded(call, result: result), "\(call), \(comment)")
        }
        let known = Self.reads.union(once.keys).union(again.map(\.call))
        let outside = Set(held.reached.map { String($0.drop { $0 != " " }.dropFirst()) })
            .filter { !$0.hasPrefix("journal ") && !$0.hasPrefix("folder.") && !$0.hasPrefix("memory.") }
        #expect(outside.isSubset(of: known), "each call is known to be a read, or held to how often it may be had")
    }

    /// KMS itself counted what the processes wrote down that they asked it, no call more, none of them refused.
    func expectCallsToBeCounted(_ comment: Comment) {
        var expected: [String: Int] = [:]
        for slot in slots {
            expected.merge(Self.planning[strategy] ?? [:]) { $0 + $1 }
            if !slot.keySpec.keepsMaterials, strategy == .import { expected["ListKeyRotations", default: 0] -= 1 }
            guard strategy == .replace else { continue }
            for operation in Self.identifying[slot.keySpec.family] ?? [] { expected[operation, default: 0] += 1 }
        }
        for (call, operations) in Self.operations {
            let count = held.count(of: call)
            for operation in operations where count > 0 { expected[operation, default: 0] += count }
        }
        let counted = calls.reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
        #expect(counted == expected.filter { $0.value > 0 }, comment)
        let refused = calls.filter { $0.error != nil }
        #expect(refused.allSatisfy { isLookForNoAlias($0) }, comment)
    }

    private func isLookForNoAlias(_ call: KillRoom.Call) -> Bool {
        call.operation == "DescribeKey" && call.error == "NotFoundException"
            && slots.contains { $0.createsAlias == true && $0.alias == call.keyId }
    }

    private func expectState(_ comment: Comment) async throws {
        let room = held.ceremony.room
        let ports = try room.setting.ports(
            folder: held.ceremony.disk, progress: Unwatched(), program: room.program)
        for (slot, key) in zip(slots, keys) {
            guard strategy.importsMaterial else {
                try await expectStopped(slot, at: ports.kms, comment)
                continue
            }
            let found = try await ports.hsm.find(label: slot.label, id: slot.id)
            #expect(found.count == 1, comment)
            let isUsed = found.first?.attributes.contains(AttributeSetting("CKA_ENCRYPT", "true"))
            #expect(slot.keySpec != .symmetric || isUsed == false, comment)
            try await expectState(of: slot, key, at: ports.kms, comment)
        }
        try await ports.hsm.leave()
    }

    private func expectStopped(_ slot: PlanSlot, at kms: any KMSPort, _ comment: Comment) async throws {
        #expect(try await kms.describe(slot.shownName).state == "PendingImport", comment)
        #expect(try await kms.materials(of: slot.key).map(\.isImported) == [false], comment)
    }

    private func expectState(of slot: PlanSlot, _ key: String, at kms: any KMSPort, _ comment: Comment) async throws {
        let resolved = try await kms.describe(slot.shownName)
        #expect(resolved.arn == key && resolved.state == "Enabled", comment)
        if slot.keySpec.keepsMaterials { try await expectMaterials(of: slot, key, at: kms, comment) }
        guard slot.strategy == .replace else { return }
        #expect(try await material(of: slot.key, slot, at: kms) == slot.currentMaterial, comment)
        #expect(try await kms.keys(tagged: slot.marker) == TaggedKeys(found: [key], unreadable: 0), comment)
    }

    /// KMS's id of the material that a key has, or where it names none, the commitment that it computes.
    private func material(of key: String, _ slot: PlanSlot, at kms: any KMSPort) async throws -> String? {
        guard !slot.keySpec.keepsMaterials else { return try await kms.describe(key).currentMaterial }
        let plan = try FrozenCeremony(reading: held.ceremony.disk).plan
        let nonce = try #require(Hex.decode(plan.nonce))
        return try await kms.commitment(
            of: key, slot.keySpec, block: Commitment.block(nonce: nonce, slot: slot.slot))
    }

    private func expectMaterials(
        of slot: PlanSlot, _ key: String, at kms: any KMSPort, _ comment: Comment
    ) async throws {
        let materials = try await kms.materials(of: key)
        let states: [KMSMaterial.State] = slot.strategy == .rotate ? [.nonCurrent, .current] : [.current]
        #expect(materials.map(\.state) == states, comment)
        #expect(materials.count(where: \.onDemand) == (slot.strategy == .rotate ? 1 : 0), comment)
        if slot.strategy == .rotate { #expect(materials.first?.id == slot.currentMaterial, comment) }
        guard let reimported = slot.reimported else { return }
        let entry = materials.first
        #expect(entry?.id == reimported.material && entry?.isImported == true, comment)
        #expect(entry?.expiry == reimported.expiry && entry?.description == slot.description, comment)
    }
}
