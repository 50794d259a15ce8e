package import Evidence

/// One key of a definition.
package struct DefinedKey: Hashable, Sendable {
    /// With `alias/`; an `import`, a `reimport` or a `revoke` may name the key instead, or both.
    package let alias: String?
    /// `import`, `reimport` and `revoke`: the key's id or ARN.
    package let key: String?
    package let strategy: Strategy
    package let proof: Bool
    /// `replace`: what of the new key is to be otherwise than of the old one.
    package let changes: KeyChanges
    /// How the HSM key is held.
    package let custody: Custody
    /// `revoke` and `reimport`: KMS's id of the material that is to be deleted, or imported again.
    package let material: String?
    /// `reimport`: the HSM key that the material came from.
    package let hsmKey: NamedHSMKey?
    /// `reimport`: until when KMS is to keep the material.
    package let expires: Expiry?
    /// Where the definition has it.
    private(set) var place = InputPlace()

    package init(
        alias: String?, key: String? = nil, strategy: Strategy, proof: Bool, changes: KeyChanges = KeyChanges(),
        custody: Custody = Custody(), material: String? = nil, hsmKey: NamedHSMKey? = nil, expires: Expiry? = nil
    ) {
        self.material = material
        self.hsmKey = hsmKey
        self.expires = expires
        self.alias = alias
        self.key = key
        self.strategy = strategy
        self.proof = proof
        self.changes = changes
        self.custody = custody
    }

    /// The slot's name: the alias without `alias/`, or the key's id, fit for a file name.
    ///
    /// No alias has a dot, so no two collide; but an alias may be called like a key's id.
    package var slot: String {
        PlanSlot.name(ofAlias: alias, keyID: key?.split(separator: "/").last.map(String.init) ?? "")
    }

    /// As the definition names it.
    var shownName: String { alias ?? key ?? "" }

    /// Where the definition names the KMS key.
    var namingPlace: InputPlace { place[key == nil ? "alias" : "key"] }

    func placed(at place: InputPlace) -> DefinedKey {
        var copy = self
        copy.place = place
        return copy
    }
}

/// What a definition wants of a new key; what is nil is taken over from the old one.
package struct KeyChanges: Hashable, Sendable {
    /// The policy document.
    package let policy: String?
    package let description: String?
    /// All tags of the new key, but for the one that the ceremony finds it by.
    package let tags: [String: String]?
    package let multiRegion: Bool?

    package init(
        policy: String? = nil, description: String? = nil, tags: [String: String]? = nil, multiRegion: Bool? = nil
    ) {
        self.policy = policy
        self.description = description
        self.tags = tags
        self.multiRegion = multiRegion
    }
}

extension DefinedKey {
    /// The most bytes of a key policy, of a description, of a tag's key and of its value
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html and API_Tag.html; AWS counts characters).
    private static let limits = (policy: 32768, description: 8192, tagKey: 128, tagValue: 256)

    /// Checks what can be checked without looking at KMS.
    ///
    /// - Throws: `CeremonyError` naming the value and where it stands.
    func validate() throws {
        if let alias { try Self.validate(alias: alias, at: place["alias"]) }
        if let key { try Self.validate(key: key, at: place["key"]) }
        try validateNames()
        guard strategy == .replace || changes == KeyChanges() else {
            throw place.error(
                "it has a policy, description, tags or a multi-Region flag",
                remedy: "Remove them: only the new key of a replace takes them")
        }
        try changes.validate(at: place, Self.limits)
        try validateCustody()
        guard (strategy == .revoke || strategy == .reimport) == (material != nil) else {
            throw place["material"].error(
                "material is named to be deleted by a revoke, or imported again by a reimport, always, and by nothing else",
                remedy: "Write the KeyMaterialId of that material, or leave it out of another strategy")
        }
        try validateReimport()
    }

    private func validateReimport() throws {
        guard strategy == .reimport else {
            guard hsmKey == nil, expires == nil else {
                throw place.error(
                    "it names an HSM key or an expiry", remedy: "Remove them: only a reimport takes them")
            }
            return
        }
        let named = hsmKey ?? NamedHSMKey(label: nil, id: nil)
        if let problem = named.problem { throw place[problem.part].error(problem.what, remedy: problem.remedy) }
        guard expires != nil else {
            throw place["expires"].error("it is missing", remedy: "Write never, or when the material is to expire")
        }
        guard custody.retention == .retain, !proof else {
            throw place.error(
                "the HSM key of a reimport stays, and the import is its own proof",
                remedy: "Leave retention, backup and proof out")
        }
    }

    private func validateCustody() throws {
        guard (custody.retention == .retain) == (custody.backup == nil) else {
            throw place["retention"].error(
                "an HSM key is retained, or there is a backup of it that was restored",
                remedy:
                    "To lock or destroy it, name the exhibit that shows that: backup; to retain it, leave backup out")
        }
        guard let backup = custody.backup, !Exhibit.isName(backup) else { return }
        throw place["backup"].error(
            "\(PercentEncoding.encode(backup)) is not a name for an exhibit",
            remedy: "Use up to 100 letters, digits, . _ and -, and no . at the beginning")
    }

    private func validateNames() throws {
        switch strategy {
        case .import, .reimport, .revoke:
            guard alias != nil || key != nil else {
                let what = strategy == .revoke ? "a key to delete material of" : "a key to import into"
                throw place.error("\(what) has neither alias nor key", remedy: "Name it by one of them")
            }
        case .rotate, .replace:
            guard alias != nil, key == nil else {
                throw place.error(
                    "a key to \(strategy.rawValue) is named by its alias alone", remedy: "Write alias, and no key")
            }
        }
        guard (1...Plan.longestSlot).contains(slot.utf8.count) else {
            throw namingPlace.error(
                "the name \(slot) has \(slot.utf8.count) bytes", remedy: "Take one of \(Plan.longestSlot) bytes at most"
            )
        }
    }

    private static func validate(alias: String, at place: InputPlace) throws {
        guard KMSNames.isAlias(alias), alias.utf8.count <= KMSNames.aliasPrefix.utf8.count + Plan.longestSlot else {
            throw place.error(
                "\(PercentEncoding.encode(alias)) is no alias of a customer's key",
                remedy: "Write alias/ and then up to \(Plan.longestSlot) letters, digits, / _ or -")
        }
    }

    /// An id or an ARN of a key: `1234abcd-...`, `mrk-...`, `arn:aws:kms:...:key/1234abcd-...`.
    private static func validate(key: String, at place: InputPlace) throws {
        let isARN = key.hasPrefix("arn:")
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == (isARN ? 2 : 1), !isARN || key.contains(":key/"),
            parts.last.map(KMSNames.isKeyID) == true,
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw place.error(
                "\(PercentEncoding.encode(key)) is no key's id or ARN", remedy: "Write it as DescribeKey has it")
        }
    }
}

extension KeyChanges {
    fileprivate func validate(
        at place: InputPlace, _ limits: (policy: Int, description: Int, tagKey: Int, tagValue: Int)
    ) throws {
        if let policy, !(1...limits.policy).contains(policy.utf8.count) {
            throw place["policyFile"].error(
                "the policy has \(policy.utf8.count) bytes", remedy: "KMS takes 1 to \(limits.policy): shorten it")
        }
        if let description, description.utf8.count > limits.description {
            throw place["description"].error(
                "it has \(description.utf8.count) bytes", remedy: "KMS takes \(limits.description): shorten it")
        }
        for (key, value) in (tags ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard (1...limits.tagKey).contains(key.utf8.count), value.utf8.count <= limits.tagValue,
                !key.hasPrefix("aws:"), key != KeyTag.marker
            else {
                throw place["tags"].error(
                    "the tag \(PercentEncoding.encode(key)) cannot be given",
                    remedy: "Not longer than \(limits.tagKey) and \(limits.tagValue) bytes, not aws:..., "
                        + "not \(KeyTag.marker)")
            }
        }
    }
}
