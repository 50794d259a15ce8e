package import Evidence

/// One key of a definition.
package struct DefinedKey: Hashable, Sendable {
    /// With `alias/`; an `import` may name the key instead, or both.
    package let alias: String?
    /// `import`: the key's id or ARN.
    package let key: String?
    package let strategy: Strategy
    package let proof: Bool
    /// `replace`: what of the new key is to be otherwise than of the old one.
    package let changes: KeyChanges

    package init(
        alias: String?, key: String? = nil, strategy: Strategy, proof: Bool, changes: KeyChanges = KeyChanges()
    ) {
        self.alias = alias
        self.key = key
        self.strategy = strategy
        self.proof = proof
        self.changes = changes
    }

    /// The slot's name: the alias without `alias/`, or the key's id, fit for a file name.
    ///
    /// No alias has a dot, so no two collide; but an alias may be called like a key's id.
    package var slot: String {
        guard let alias else { return key?.split(separator: "/").last.map(String.init) ?? "" }
        return String(alias.dropFirst(Self.aliasPrefix.count).map { $0 == "/" ? "." : $0 })
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
    static let aliasPrefix = "alias/"
    /// The most bytes of a key policy, of a description, of a tag's key and of its value
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html and API_Tag.html; AWS counts characters).
    private static let limits = (policy: 32768, description: 8192, tagKey: 128, tagValue: 256)

    /// Checks what can be checked without looking at KMS.
    ///
    /// - Throws: `CeremonyError` naming the value.
    func validate() throws {
        if let alias { try Self.validate(alias: alias) }
        if let key { try Self.validate(key: key) }
        switch strategy {
        case .import:
            guard alias != nil || key != nil else {
                throw Definition.invalid("A key to import into has neither alias nor key", "Name it")
            }
        case .rotate, .replace:
            guard alias != nil, key == nil else {
                throw Definition.invalid("A key to \(strategy.rawValue) is named by its alias alone", "Write alias")
            }
        }
        guard strategy == .replace || changes == KeyChanges() else {
            throw Definition.invalid(
                "\(slot) is given a policy, description, tags or multi-Region flag",
                "Only the new key of a replace takes them")
        }
        guard (1...Plan.longestSlot).contains(slot.utf8.count) else {
            throw Definition.invalid("The name \(slot) is too long", "Take one of \(Plan.longestSlot) bytes at most")
        }
        try changes.validate(of: slot, Self.limits)
    }

    private static func validate(alias: String) throws {
        let name = alias.utf8.dropFirst(aliasPrefix.utf8.count)
        guard alias.hasPrefix(aliasPrefix), !name.isEmpty, name.allSatisfy(isAliasByte),
            !alias.hasPrefix("alias/aws/"), name.count <= Plan.longestSlot
        else {
            throw Definition.invalid(
                "\(PercentEncoding.encode(alias)) is no alias of a customer's key",
                "Write alias/ and then letters, digits, / _ or -")
        }
    }

    /// An id or an ARN of a key: `1234abcd-...`, `mrk-...`, `arn:aws:kms:...:key/1234abcd-...`.
    private static func validate(key: String) throws {
        let isARN = key.hasPrefix("arn:")
        let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == (isARN ? 2 : 1), !isARN || key.contains(":key/"),
            parts.last.map({ !$0.isEmpty && $0.allSatisfy(isIDByte) }) == true,
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Definition.invalid(
                "\(PercentEncoding.encode(key)) is no key's id or ARN", "Write it as DescribeKey has it")
        }
    }

    /// KMS's characters of an alias: `a-zA-Z0-9/_-`.
    private static func isAliasByte(_ byte: UInt8) -> Bool {
        isIDByte(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "_")
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension KeyChanges {
    fileprivate func validate(
        of slot: String, _ limits: (policy: Int, description: Int, tagKey: Int, tagValue: Int)
    ) throws {
        if let policy, !(1...limits.policy).contains(policy.utf8.count) {
            throw Definition.invalid(
                "The policy for \(slot) has \(policy.utf8.count) bytes", "KMS takes 1 to \(limits.policy)")
        }
        if let description, description.utf8.count > limits.description {
            throw Definition.invalid("The description for \(slot) is too long", "KMS takes \(limits.description) bytes")
        }
        for (key, value) in tags ?? [:] {
            guard (1...limits.tagKey).contains(key.utf8.count), value.utf8.count <= limits.tagValue,
                !key.hasPrefix("aws:"), key != KeyTag.marker
            else {
                throw Definition.invalid(
                    "The tag \(PercentEncoding.encode(key)) of \(slot) cannot be given",
                    "Not longer than \(limits.tagKey) and \(limits.tagValue) bytes, not aws:..., not \(KeyTag.marker)")
            }
        }
    }
}
