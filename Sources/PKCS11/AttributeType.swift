import CP11Kit

/// An attribute's number: CKA_.
package struct AttributeType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt

    package init(rawValue: UInt) { self.rawValue = rawValue }

    package static let objectClass = AttributeType(rawValue: CKA_CLASS)
    package static let token = AttributeType(rawValue: CKA_TOKEN)
    package static let `private` = AttributeType(rawValue: CKA_PRIVATE)
    package static let label = AttributeType(rawValue: CKA_LABEL)
    package static let id = AttributeType(rawValue: CKA_ID)
    package static let keyType = AttributeType(rawValue: CKA_KEY_TYPE)
    package static let value = AttributeType(rawValue: CKA_VALUE)
    package static let privateExponent = AttributeType(rawValue: CKA_PRIVATE_EXPONENT)
    package static let valueLength = AttributeType(rawValue: CKA_VALUE_LEN)
    package static let modifiable = AttributeType(rawValue: CKA_MODIFIABLE)
    package static let sensitive = AttributeType(rawValue: CKA_SENSITIVE)
    package static let alwaysSensitive = AttributeType(rawValue: CKA_ALWAYS_SENSITIVE)
    package static let extractable = AttributeType(rawValue: CKA_EXTRACTABLE)
    package static let neverExtractable = AttributeType(rawValue: CKA_NEVER_EXTRACTABLE)
    package static let local = AttributeType(rawValue: CKA_LOCAL)
    package static let keyGenerationMechanism = AttributeType(rawValue: CKA_KEY_GEN_MECHANISM)
    package static let trusted = AttributeType(rawValue: CKA_TRUSTED)
    package static let wrapWithTrusted = AttributeType(rawValue: CKA_WRAP_WITH_TRUSTED)
    /// CKA_ALLOWED_MECHANISMS, CKF_ARRAY_ATTRIBUTE | 0x600, which Swift does not import.
    package static let allowedMechanisms = AttributeType(rawValue: 0x4000_0600)
    /// CKA_WRAP_TEMPLATE, CKF_ARRAY_ATTRIBUTE | 0x211, whose value is a template: what a wrapping key wraps alone.
    package static let wrapTemplate = AttributeType(rawValue: 0x4000_0211)
    package static let encrypt = AttributeType(rawValue: CKA_ENCRYPT)
    package static let decrypt = AttributeType(rawValue: CKA_DECRYPT)
    package static let sign = AttributeType(rawValue: CKA_SIGN)
    package static let verify = AttributeType(rawValue: CKA_VERIFY)
    package static let wrap = AttributeType(rawValue: CKA_WRAP)
    package static let unwrap = AttributeType(rawValue: CKA_UNWRAP)
    package static let derive = AttributeType(rawValue: CKA_DERIVE)
    package static let modulus = AttributeType(rawValue: CKA_MODULUS)
    package static let modulusBits = AttributeType(rawValue: CKA_MODULUS_BITS)
    package static let publicExponent = AttributeType(rawValue: CKA_PUBLIC_EXPONENT)
    package static let ecParameters = AttributeType(rawValue: CKA_EC_PARAMS)
    package static let ecPoint = AttributeType(rawValue: CKA_EC_POINT)
    package static let checkValue = AttributeType(rawValue: CKA_CHECK_VALUE)

    /// Whether the attribute of a secret or private key is key material itself.
    ///
    /// Keyrite never fetches one, even from a token that would hand it out.
    package var isKeyMaterial: Bool { Self.keyMaterial.contains(rawValue) }

    private static let keyMaterial: Set<UInt> = [
        CKA_VALUE, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
    ]

    /// The standard's name of the attributes used here, else the number in hex.
    package var description: String { Self.names[rawValue] ?? "CKA 0x" + String(rawValue, radix: 16) }

    private static let names: [UInt: String] = [
        CKA_CLASS: "CKA_CLASS", CKA_TOKEN: "CKA_TOKEN", CKA_PRIVATE: "CKA_PRIVATE", CKA_LABEL: "CKA_LABEL",
        CKA_ID: "CKA_ID", CKA_KEY_TYPE: "CKA_KEY_TYPE", CKA_VALUE: "CKA_VALUE", CKA_VALUE_LEN: "CKA_VALUE_LEN",
        CKA_MODIFIABLE: "CKA_MODIFIABLE", CKA_SENSITIVE: "CKA_SENSITIVE",
        CKA_ALWAYS_SENSITIVE: "CKA_ALWAYS_SENSITIVE", CKA_EXTRACTABLE: "CKA_EXTRACTABLE",
        CKA_NEVER_EXTRACTABLE: "CKA_NEVER_EXTRACTABLE", CKA_LOCAL: "CKA_LOCAL",
        CKA_KEY_GEN_MECHANISM: "CKA_KEY_GEN_MECHANISM", CKA_TRUSTED: "CKA_TRUSTED",
        CKA_WRAP_WITH_TRUSTED: "CKA_WRAP_WITH_TRUSTED", CKA_ENCRYPT: "CKA_ENCRYPT", CKA_DECRYPT: "CKA_DECRYPT",
        CKA_SIGN: "CKA_SIGN", CKA_VERIFY: "CKA_VERIFY", CKA_WRAP: "CKA_WRAP", CKA_UNWRAP: "CKA_UNWRAP",
        CKA_DERIVE: "CKA_DERIVE", CKA_MODULUS: "CKA_MODULUS", CKA_MODULUS_BITS: "CKA_MODULUS_BITS",
        CKA_PUBLIC_EXPONENT: "CKA_PUBLIC_EXPONENT", CKA_EC_PARAMS: "CKA_EC_PARAMS", CKA_EC_POINT: "CKA_EC_POINT",
        CKA_CHECK_VALUE: "CKA_CHECK_VALUE", 0x4000_0600: "CKA_ALLOWED_MECHANISMS",
        0x4000_0211: "CKA_WRAP_TEMPLATE",
    ]
}
