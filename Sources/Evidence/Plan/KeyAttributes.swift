/// What an HSM key of a ceremony must be, and how it is told that it is.
package enum KeyAttributes {
    /// The attributes of an AES-256 key that can be wrapped for KMS and checked, and nothing else.
    ///
    /// `CKA_ENCRYPT` serves commitment and check values; it is taken away at settle.
    package static let aes256: [AttributeSetting] = [
        AttributeSetting("CKA_CLASS", "CKO_SECRET_KEY"),
        AttributeSetting("CKA_KEY_TYPE", "CKK_AES"),
        AttributeSetting("CKA_VALUE_LEN", "32"),
        AttributeSetting("CKA_TOKEN", "true"),
        AttributeSetting("CKA_PRIVATE", "true"),
        AttributeSetting("CKA_SENSITIVE", "true"),
        AttributeSetting("CKA_EXTRACTABLE", "true"),
        AttributeSetting("CKA_ENCRYPT", "true"),
        AttributeSetting("CKA_DECRYPT", "false"),
        AttributeSetting("CKA_SIGN", "false"),
        AttributeSetting("CKA_VERIFY", "false"),
        AttributeSetting("CKA_WRAP", "false"),
        AttributeSetting("CKA_UNWRAP", "false"),
        AttributeSetting("CKA_DERIVE", "false"),
    ]

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
    package static func differences(_ read: [AttributeSetting], _ template: [AttributeSetting]) -> [String] {
        guard Set(read.map(\.name)).count == read.count else { return ["an attribute that was answered twice"] }
        return (template + provenance).filter { !read.contains($0) }.map { wanted in
            "\(wanted.name) \(read.first { $0.name == wanted.name }?.value ?? "missing") for \(wanted.value)"
        }
    }

    /// The template with the usage taken away that only checks needed.
    package static func settled(_ template: [AttributeSetting]) -> [AttributeSetting] {
        template.map { $0.name == "CKA_ENCRYPT" ? AttributeSetting($0.name, "false") : $0 }
    }
}
