import CryptoPrimitives

extension PlanSlot {
    /// How many on-demand rotations KMS lets a key have, for ever.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
    static let mostRotations = 25

    /// What people or KMS say of it, percent-encoded.
    var freeTexts: [String] {
        let settings = [new, old].compactMap(\.self).flatMap { settings in
            [settings.description] + settings.tags.flatMap { [$0.key, $0.value] }
        }
        let grants = (grants ?? []).flatMap { grant in
            [grant.id, grant.name, grant.grantee, grant.retiring].compactMap(\.self) + grant.operations
                + [grant.constraints].compactMap(\.self)
        }
        return [description].compactMap(\.self) + settings + grants
    }

    /// What is wrong with the slot, whoever wrote it; nil when it has the fields of its strategy, and no others.
    var problem: String? {
        guard hasItsFields else { return "\(slot) has not the fields of \(strategy.rawValue), or others beside them" }
        guard keySpec.usages.contains(keyUsage) else { return "\(slot) is \(keySpec.rawValue) for another usage" }
        let proofs = strategy == .reimport ? [.asExisting] : [true, false].map(keySpec.proof(isWanted:))
        guard proofs.contains(proof) else {
            return "\(slot) has a proof that its kind of key cannot have"
        }
        guard strategy != .rotate || keySpec.keepsMaterials else {
            return "\(slot) is \(keySpec.rawValue), which has one material for ever"
        }
        if let spent = rotationsUsed, !(0..<Self.mostRotations).contains(spent) {
            return "\(slot) has spent \(spent) of the \(Self.mostRotations) on-demand rotations that a key ever has"
        }
        if let problem = revoked.flatMap(problem(ofRevoked:)) ?? reimported.flatMap(problem(ofReimported:)) {
            return problem
        }
        guard !trustedWrapping || keySpec.ways == [.direct] else {
            return "\(slot) is \(keySpec.rawValue), which cannot be wrapped under trusted keys alone"
        }
        guard backup.map(Exhibit.isName) ?? true else { return "the backup of \(slot) is named by no exhibit's name" }
        guard retention == .retain || new?.multiRegion != true else {
            return "\(slot) is multi-Region, and its HSM key is not retained"
        }
        return new.flatMap(problem(ofNew:)) ?? old.flatMap(problem(ofOld:))
    }

    private var hasItsFields: Bool {
        let isReplaced = strategy == .replace
        let isImported = strategy.importsMaterial
        let isAgain = strategy == .reimport
        let isProbed = isImported && strategy != .import && !isAgain && keySpec.keepsMaterials
        return (strategy == .import) == (currentMaterial == nil) && isProbed == (probe != nil)
            && (strategy == .rotate) == (rotationsUsed != nil)
            && (isImported && keySpec.keepsMaterials) == (description != nil)
            && (retention == .retain) == (backup == nil)
            && isImported == (hsmLabel != nil) && isImported == (hsmID != nil) && isImported == (revoked == nil)
            && isAgain == (reimported != nil) && (!isAgain || retention == .retain)
            && (isImported || proof == .none && !trustedWrapping && retention == .retain)
            && (createsAlias != nil) == (strategy == .import && alias != nil)
            && (strategy == .import || strategy == .revoke || isAgain || alias != nil)
            && isReplaced == (new != nil) && isReplaced == (old != nil) && isReplaced == (grants != nil)
    }

    private func problem(ofRevoked revoked: RevokedMaterial) -> String? {
        guard keySpec.keepsMaterials else { return "\(slot) is \(keySpec.rawValue), whose material KMS does not name" }
        guard (revoked.material == currentMaterial) == (revoked.state == .current) else {
            return "the material of \(slot) to delete is current, and is not, or the other way round"
        }
        return nil
    }

    private func problem(ofReimported reimported: ReimportedMaterial) -> String? {
        guard keySpec.keepsMaterials else { return "\(slot) is \(keySpec.rawValue), whose material KMS does not name" }
        guard (reimported.material == currentMaterial) == (reimported.state == .current) else {
            return "the material of \(slot) to import again is current, and is not, or the other way round"
        }
        guard (reimported.importState == .imported) == (reimported.expiryBefore != nil) else {
            return "the material of \(slot) to import again is there and has no expiry, or the other way round"
        }
        if let description = reimported.descriptionBefore,
            description.isEmpty || (try? PercentEncoding.decode(description)) == nil
        {
            return
                "the material of \(slot) to import again has a description that is not percent-encoded in its one form"
        }
        guard reimported.checkValues?.areWhole ?? true else {
            return "the HSM key of \(slot) to import again has check values that are not 3 bytes in hex"
        }
        return nil
    }

    private func problem(ofNew settings: KeySettings) -> String? {
        if let problem = Self.problem(of: settings) { return "the new key of \(slot) \(problem)" }
        guard settings.tags.contains(where: { $0.key == KeyTag.marker && $0.value == label }) else {
            return "the new key of \(slot) has not the tag by which it is found again"
        }
        return settings.tags.count <= KeySettings.mostTags ? nil : "the new key of \(slot) has too many tags"
    }

    private func problem(ofOld settings: KeySettings) -> String? {
        if let problem = Self.problem(of: settings) { return "the old key of \(slot) \(problem)" }
        return settings.policyDigest == policy ? nil : "the old key of \(slot) has another policy than the slot"
    }

    /// A policy that is not the text of the digest beside it; nil when both are.
    var problemOfDigests: String? {
        for (whose, settings) in [("new", new), ("old", old)] {
            guard let settings else { continue }
            guard let policy = try? PercentEncoding.decode(settings.policy),
                SHA256Digest(of: Array(policy.utf8)) == settings.policyDigest
            else { return "the \(whose) key of \(slot) has a policy of another digest" }
        }
        return nil
    }

    private static func problem(of settings: KeySettings) -> String? {
        guard (try? PercentEncoding.decode(settings.policy)) != nil else {
            return "has a policy that is not percent-encoded in its one form"
        }
        let keys = settings.tags.map { Array($0.key.utf8) }
        let isSorted = zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        return isSorted ? nil : "has tags that are not sorted, or one of them twice"
    }
}
