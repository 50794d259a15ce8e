/// What an HSM key of a ceremony must be, and how it is told that it is.
package enum KeyAttributes {
    /// The attributes of a key that can be wrapped for KMS and checked, and nothing else.
    ///
    /// Of a key pair they are those of its private half. `CKA_ENCRYPT` of an AES key, and `CKA_SIGN` of a generic secret,
    /// serve commitment and check values; they are taken away at settle.
    package static func template(of keySpec: KeySpec) -> [AttributeSetting] {
        switch keySpec.family {
        case .aes: secret("CKK_AES", keySpec, check: "CKA_ENCRYPT")
        case .hmac: secret("CKK_GENERIC_SECRET", keySpec, check: "CKA_SIGN")
        case .rsa: privateKey("CKK_RSA")
        case .ec: privateKey("CKK_EC")
        }
    }

    private static func secret(_ type: String, _ keySpec: KeySpec, check: String) -> [AttributeSetting] {
        let usages = ["CKA_ENCRYPT", "CKA_DECRYPT", "CKA_SIGN", "CKA_VERIFY", "CKA_WRAP", "CKA_UNWRAP", "CKA_DERIVE"]
        let length = keySpec.secretBytes.map { [AttributeSetting("CKA_VALUE_LEN", "\($0)")] } ?? []
        return [AttributeSetting("CKA_CLASS", "CKO_SECRET_KEY"), AttributeSetting("CKA_KEY_TYPE", type)] + length + kept
            + usages.map { AttributeSetting($0, $0 == check ? "true" : "false") }
    }

    private static func privateKey(_ type: String) -> [AttributeSetting] {
        [AttributeSetting("CKA_CLASS", "CKO_PRIVATE_KEY"), AttributeSetting("CKA_KEY_TYPE", type)] + kept
            + ["CKA_DECRYPT", "CKA_SIGN", "CKA_UNWRAP", "CKA_DERIVE"].map { AttributeSetting($0, "false") }
    }

    /// On the token, shown to its user alone, and to be let out wrapped.
    private static let kept = ["CKA_TOKEN", "CKA_PRIVATE", "CKA_SENSITIVE", "CKA_EXTRACTABLE"].map {
        AttributeSetting($0, "true")
    }

    /// What the token itself must say of a key that it generated and never let out.
    package static let provenance: [AttributeSetting] = [
        AttributeSetting("CKA_LOCAL", "true"),
        AttributeSetting("CKA_ALWAYS_SENSITIVE", "true"),
    ]

    /// What a token answered otherwise than it must, in words; empty when the key is what the template says.
    ///
    /// - Parameters:
    ///   - read: What the token answered.
    ///   - template: What the plan demands; the provenance is added.
    ///   - isRestored: Whether the token must answer that it did not make the key: of one that it made, and that could be read
    ///     once, nobody says that it was restored.
    package static func differences(
        _ read: [AttributeSetting], _ template: [AttributeSetting], isRestored: Bool = false
    ) -> [String] {
        guard Set(read.map(\.name)).count == read.count else { return ["an attribute that was answered twice"] }
        let origin = isRestored ? originElsewhere(read) : provenance
        return (template + origin).filter { !read.contains($0) }.map { wanted in
            "\(wanted.name) \(read.first { $0.name == wanted.name }?.value ?? "missing") for \(wanted.value)"
        }
    }

    /// What the token must say of a key that it did not make: whether it was ever to be read elsewhere, it may not know.
    private static func originElsewhere(_ read: [AttributeSetting]) -> [AttributeSetting] {
        let wasReadable = AttributeSetting("CKA_ALWAYS_SENSITIVE", "false")
        return [
            AttributeSetting("CKA_LOCAL", "false"),
            read.contains(wasReadable) ? wasReadable : AttributeSetting("CKA_ALWAYS_SENSITIVE", "true"),
        ]
    }

    /// What a token says of where a key is from.
    static func origin(_ read: [AttributeSetting]) -> [AttributeSetting] {
        provenance.compactMap { wanted in read.first { $0.name == wanted.name } }
    }

    /// In what a token answered that it did not make a key itself, as people read it.
    package static func differencesOfOrigin(_ read: [AttributeSetting], slot: String) -> [Difference] {
        provenance.flatMap { wanted in
            read.filter { $0.name == wanted.name && $0 != wanted }.map {
                Difference(slot: slot, what: wanted.name, planned: wanted.value, observed: $0.value)
            }
        }
    }

    /// What a token answered of a key that an earlier ceremony left, otherwise than it must: the usage that only checks need may
    /// be taken away from it or not.
    package static func differencesOfKept(
        _ read: [AttributeSetting], _ template: [AttributeSetting], isRestored: Bool
    ) -> [String] {
        differences(read, template, isRestored: isRestored).isEmpty
            ? [] : differences(read, settled(template), isRestored: isRestored)
    }

    /// The template of a key that is wrapped only under keys which the security officer trusts, if it is to be.
    package static func held(_ template: [AttributeSetting], trustedWrapping: Bool) -> [AttributeSetting] {
        template + (trustedWrapping ? [AttributeSetting("CKA_WRAP_WITH_TRUSTED", "true")] : [])
    }

    /// The template with the usage taken away that only checks needed; of a locked key, also that it can leave.
    package static func settled(_ template: [AttributeSetting], _ retention: Retention = .retain) -> [AttributeSetting]
    {
        let gone = ["CKA_ENCRYPT", "CKA_SIGN"] + (retention == .lock ? ["CKA_EXTRACTABLE"] : [])
        return template.map { gone.contains($0.name) ? AttributeSetting($0.name, "false") : $0 }
    }
}
