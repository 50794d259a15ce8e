/// Why a strategy does not go with a key.
package struct KeyObstacle: Hashable, Sendable {
    /// What it makes of the strategy; compared, the graver one is greater.
    package enum Kind: String, Comparable, Sendable {
        /// Something has to be put right before.
        case notNow = "not-now"
        /// What was not read decides: whether it goes at all, nobody knows.
        case unknown
        case never

        package static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .notNow: 0
            case .unknown: 1
            case .never: 2
            }
        }
    }

    /// `asymmetric`.
    package let name: String
    package let kind: Kind
    package let words: String
    /// What to do.
    package let remedy: String
    /// nil of what lies in the snapshot, and not in AWS's rules.
    package let source: RuleSource?
}

extension KeyObstacle {
    private static let onDemand = RuleSource.documented(
        "kms/latest/APIReference/API_RotateKeyOnDemand.html", checked: "2026-11-27")
    private static let importing = RuleSource.documented(
        "kms/latest/APIReference/API_ImportKeyMaterial.html", checked: "2026-11-27")
    private static let states = RuleSource.documented("kms/latest/developerguide/key-state.html", checked: "2026-11-27")

    /// All that stands against a strategy for a key.
    ///
    /// - Parameters:
    ///   - key: nil where the snapshot has it not.
    ///   - isMissing: Whether its account and Region were read, and it was not there.
    ///   - aliases: Those that lead to it.
    static func all(
        of key: InventoryKey?, isMissing: Bool, aliases: [OutsideText], against strategy: ImpactStrategy
    ) -> [KeyObstacle] {
        guard let key else {
            if isMissing {
                let names = aliases.map(\.text).joined(separator: ", ")
                let left =
                    names.isEmpty
                    ? ""
                    : " \(names) \(aliases.count == 1 ? "is still there, and leads" : "are still there, and lead") to it."
                return [
                    Self(
                        name: "key-missing", kind: .never,
                        words: "It is not among the keys of its account and Region: what is under it can be read no "
                            + "more.\(left)",
                        remedy: "Give what names it another key, for what comes.", source: nil)
                ]
            }
            return [
                Self(
                    name: "key-not-read", kind: .unknown, words: "The key itself was not read.",
                    remedy: "Read the key's account and Region, too.", source: nil)
            ]
        }
        if key.manager?.text == "AWS" {
            return [
                Self(
                    name: "aws-managed", kind: .never, words: "AWS manages this key, and rotates it every year.",
                    remedy: "Let the resources name a key of your own, if that is wanted.", source: onDemand)
            ]
        }
        switch strategy {
        case .rotate: return kinds(key) + budget(key) + materials(key) + state(key)
        case .replace: return state(key)
        }
    }

    private static func kinds(_ key: InventoryKey) -> [KeyObstacle] {
        var found: [KeyObstacle] = []
        func never(_ name: String, _ words: String, _ source: RuleSource) {
            found.append(Self(name: name, kind: .never, words: words, remedy: "Replace the key.", source: source))
        }
        switch key.origin?.text {
        case "EXTERNAL", "AWS_KMS": break
        case nil:
            found.append(
                Self(
                    name: "origin", kind: .unknown, words: "KMS did not say where its material is from.",
                    remedy: "Read the key again.", source: nil))
        default: never("key-store", "It is in a key store of its own, which knows no rotation on demand.", onDemand)
        }
        switch key.spec?.text {
        case "SYMMETRIC_DEFAULT": break
        case let spec? where spec.hasPrefix("HMAC_"):
            never("hmac", "It is an HMAC key, which has one material for ever.", importing)
        case nil:
            found.append(
                Self(
                    name: "spec", kind: .unknown, words: "KMS did not say of what kind it is.",
                    remedy: "Read the key again.", source: nil))
        default: never("asymmetric", "It is a key pair, which has one material for ever.", importing)
        }
        return found + multiRegion(key)
    }

    /// Of symmetric keys alone: others are never rotated.
    private static func multiRegion(_ key: InventoryKey) -> [KeyObstacle] {
        guard let role = key.multiRegion?.text, key.spec?.text == "SYMMETRIC_DEFAULT" else { return [] }
        let related = (key.related ?? []).map(\.text).joined(separator: ", ")
        guard key.origin?.text == "EXTERNAL" else {
            guard key.origin?.text == "AWS_KMS", role == "REPLICA" else { return [] }
            return [
                Self(
                    name: "replica", kind: .notNow,
                    words: "It is a replica, whose material is its primary's: KMS makes new material for the primary, "
                        + "and gives it to every replica.",
                    remedy: "Rotate its primary\(related.isEmpty ? "" : ", which is among \(related)").",
                    source: onDemand)
            ]
        }
        let primary = role == "PRIMARY" ? "this key" : "the primary of \(related)"
        return [
            Self(
                name: role == "PRIMARY" ? "multi-region" : "multi-region-replica", kind: .notNow,
                words: "It is multi-Region: every replica needs the new material before \(primary) is rotated, and "
                    + "Keyrite's rotate does not do that yet.",
                remedy: "Import the new material into the primary, the same into each replica, then rotate the "
                    + "primary.",
                source: onDemand)
        ]
    }

    private static func budget(_ key: InventoryKey) -> [KeyObstacle] {
        guard let used = key.rotationsUsed else {
            let isSymmetric =
                key.spec?.text == "SYMMETRIC_DEFAULT" && ["EXTERNAL", "AWS_KMS"].contains(key.origin?.text)
            return isSymmetric
                ? [
                    Self(
                        name: "rotations-not-read", kind: .unknown,
                        words: "How many of its \(InventoryKey.rotationBudget) rotations are used, and whether "
                            + "material "
                            + "is pending, could not be read.",
                        remedy: "Let the inventory call ListKeyRotations.", source: nil)
                ] : []
        }
        guard used >= InventoryKey.rotationBudget else { return [] }
        return [
            Self(
                name: "rotations-spent", kind: .never,
                words: "All \(InventoryKey.rotationBudget) rotations that a key has for ever are used.",
                remedy: "Replace the key.", source: onDemand)
        ]
    }

    private static func materials(_ key: InventoryKey) -> [KeyObstacle] {
        (key.materials ?? []).filter { $0.state?.text.hasPrefix("PENDING_") == true }.map { material in
            Self(
                name: "pending-material", kind: .notNow,
                words: "Somebody left material that waits for a rotation: \(material.id?.text ?? "without an id"). "
                    + "There "
                    + "is room for one.",
                remedy: "Find out whose it is; then rotate to it, or delete it by its id, and by no other.",
                source: importing)
        }
    }

    private static func state(_ key: InventoryKey) -> [KeyObstacle] {
        let state = key.state.text
        let remedy: String
        switch state {
        case "Enabled": return []
        case "Disabled": remedy = "Find out why, and enable it."
        case "PendingImport": remedy = "Import again what is missing of its materials: each one that it ever used."
        case "PendingDeletion", "PendingReplicaDeletion":
            remedy = "Whatever still names it stops with it: cancel the deletion, or let it go."
        case "Unavailable": remedy = "Connect its key store."
        case "Creating", "Updating": remedy = "Wait until KMS is done."
        default:
            return [
                Self(
                    name: "state", kind: .unknown, words: "Its state is \(state), which nobody here knows.",
                    remedy: "Look it up before anything is done.", source: nil)
            ]
        }
        return [
            Self(
                name: "state", kind: .notNow,
                words: "It is \(state): it encrypts and decrypts nothing, is not rotated, and nothing under it can be "
                    + "moved.",
                remedy: remedy, source: states)
        ]
    }
}
