import Evidence

/// Something about a key that is easily overlooked.
package struct KeyTrap: Hashable, Sendable {
    /// `rds-does-not-follow`.
    package let name: String
    package let words: String
    package let sources: [RuleSource]
}

extension KeyTrap {
    private static let onDemand = RuleSource.documented(
        "kms/latest/APIReference/API_RotateKeyOnDemand.html", checked: "2026-11-27")
    private static let deleting = RuleSource.documented(
        "kms/latest/developerguide/importing-keys-delete-key-material.html", checked: "2026-11-27")

    /// - Parameters:
    ///   - key: nil where the snapshot has it not.
    ///   - references: All that names the key.
    ///   - owner: The key's account.
    ///   - now: Material that expired by then is said to have.
    static func all(
        of key: InventoryKey?, _ references: [KeyReference], owner: String?, at now: Timestamp
    ) -> [KeyTrap] {
        [
            expiry(key, now), sevenDays(key, references), ownMaterial(key), budget(key),
            pinned("dynamodb", "DynamoDB", references),
            pinned("rds", "RDS", references), otherAccount(references, owner), requester(references), policy(key),
        ].compactMap { $0 }
    }

    private static func expiry(_ key: InventoryKey?, _ now: Timestamp) -> KeyTrap? {
        guard let key, key.origin?.text == "EXTERNAL", key.manager?.text != "AWS" else { return nil }
        let isSymmetric = key.spec?.text == "SYMMETRIC_DEFAULT"
        // Until it is rotated to, pending material stops nothing.
        let used = (key.materials ?? []).filter { $0.state?.text.hasPrefix("PENDING_") != true }
        let ends = used.compactMap(\.expires) + (key.expires.map { [$0] } ?? [])
        var words =
            isSymmetric
            ? "Any material that the key ever used stops the whole key when it expires or is deleted, the old no less "
                + "than "
                + "the current. After a rotation there is one more of them."
            : "The key stops when its one material expires or is deleted."
        if let first = ends.min() {
            words += first < now ? " The first expired \(first)." : " The first expires \(first)."
        } else {
            words += isSymmetric && key.materials == nil ? " Their expiry was not read." : " Nothing of it expires."
        }
        return KeyTrap(name: "any-material-stops-the-key", words: words, sources: [deleting])
    }

    private static func sevenDays(_ key: InventoryKey?, _ references: [KeyReference]) -> KeyTrap? {
        guard key?.manager?.text != "AWS", references.contains(where: { ["rds", "dynamodb"].contains($0.service) })
        else {
            return nil
        }
        return KeyTrap(
            name: "seven-days-without-the-key",
            words: "Whatever stops the key, after 7 days RDS databases are lost in place, and DynamoDB archives "
                + "tables.",
            sources: [
                .documented("AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html", checked: "2026-11-27"),
                .documented("amazondynamodb/latest/APIReference/API_SSEDescription.html", checked: "2026-11-27"),
            ])
    }

    private static func ownMaterial(_ key: InventoryKey?) -> KeyTrap? {
        guard let key, key.origin?.text == "AWS_KMS", key.manager?.text != "AWS", key.spec?.text == "SYMMETRIC_DEFAULT"
        else { return nil }
        let replicas = key.multiRegion?.text == "PRIMARY" ? (key.related ?? []).map(\.text) : []
        let which = key.multiRegion?.text == "REPLICA" ? "RotateKeyOnDemand of its primary" : "RotateKeyOnDemand"
        return KeyTrap(
            name: "material-of-kms",
            words: "KMS made its material, and makes the next: \(which) alone rotates it, without an import."
                + (replicas.isEmpty
                    ? "" : " Each replica gets the new material, too: \(replicas.joined(separator: ", "))."),
            sources: [onDemand])
    }

    private static func budget(_ key: InventoryKey?) -> KeyTrap? {
        guard let used = key?.rotationsUsed else { return nil }
        let (all, left) = (InventoryKey.rotationBudget, max(0, InventoryKey.rotationBudget - used))
        return KeyTrap(
            name: "rotation-budget",
            words: "\(used) of the \(all) rotations that a key has for ever are used; \(left) are left, and none "
                + "comes back.",
            sources: [onDemand])
    }

    private static func pinned(_ service: String, _ name: String, _ references: [KeyReference]) -> KeyTrap? {
        let own = references.filter { $0.service == service }
        guard !own.isEmpty else { return nil }
        return KeyTrap(
            name: "\(service)-does-not-follow",
            words: "\(name) does not follow an alias: it took the key once, and "
                + "\(own.count == 1 ? "this one stays" : "these \(own.count) stay") "
                + "on the old key when the alias is moved.",
            sources: Array((ImpactRule.rule(for: own[0])?.replacePinned.sources ?? []).prefix(1)))
    }

    private static func otherAccount(_ references: [KeyReference], _ owner: String?) -> KeyTrap? {
        let foreign = references.filter { $0.service == "s3" && owner != nil && $0.account != owner }
        guard !foreign.isEmpty else { return nil }
        return KeyTrap(
            name: "s3-key-of-another-account",
            words: "\(foreign.count) \(foreign.count == 1 ? "bucket is" : "buckets are") of another account than the "
                + "key: "
                + "S3's UpdateObjectEncryption does not take such a key, so that their objects have to be copied.",
            sources: [.documented("AmazonS3/latest/API/API_UpdateObjectEncryption.html", checked: "2026-11-27")])
    }

    private static func requester(_ references: [KeyReference]) -> KeyTrap? {
        guard references.contains(where: { $0.service == "s3" && $0.form == .alias }) else { return nil }
        return KeyTrap(
            name: "s3-alias-of-the-requester",
            words: "S3 looks an alias up in the account of whoever writes the object: writers of other accounts need "
                + "one of "
                + "that name, and use their own key.",
            sources: [.documented("AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html", checked: "2026-11-27")])
    }

    private static func policy(_ key: InventoryKey?) -> KeyTrap? {
        guard let key, key.manager?.text != "AWS" else { return nil }
        let grants =
            switch key.grants?.count {
            case nil: "nor its grants (not read)"
            case 0?: "nor grants (it has none now)"
            case 1?: "nor its 1 grant"
            case let count?: "nor its \(count) grants"
            }
        return KeyTrap(
            name: "policy-and-grants-stay",
            words: "A new key has neither the old one's policy \(grants): who uses it needs both keys until all is "
                + "moved.",
            sources: [])
    }
}
