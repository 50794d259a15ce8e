/// The templates a ceremony uses. Nothing in them is left to a token's defaults: an empty template makes readable keys.
package enum KeyTemplates {
    /// An AES-256 key that may leave only wrapped, and may encrypt until its check values and commitment are taken.
    ///
    /// - Parameters:
    ///   - label: The key's label.
    ///   - id: The key's id; label and id together find it again.
    ///   - onToken: false for a throwaway key that ends with its session.
    package static func aes256(label: String, id: [UInt8], onToken: Bool = true) -> [Attribute] {
        [
            .label(label), .id(id), Attribute(.token, onToken), Attribute(.private, true), Attribute(.modifiable, true),
            Attribute(.sensitive, true), Attribute(.extractable, true), Attribute(.encrypt, true),
            Attribute(.decrypt, false), Attribute(.sign, false), Attribute(.verify, false), Attribute(.wrap, false),
            Attribute(.unwrap, false), Attribute(.derive, false),
        ]
    }

    /// What an AES-256 key of that template must say of itself besides: made here, and secret from its first moment.
    package static let aes256Origin: [Attribute] = [
        .objectClass(.secretKey), .keyType(.aes), Attribute(.valueLength, number: 32), Attribute(.local, true),
        Attribute(.alwaysSensitive, true), Attribute(.neverExtractable, false),
        Attribute(.keyGenerationMechanism, number: MechanismType.aesKeyGeneration.rawValue),
    ]

    /// What settling takes away: the usage that was there for checks alone.
    package static let withoutChecks: [Attribute] = [Attribute(.encrypt, false)]

    /// The private half of a participant's signing key: it signs, and never leaves.
    package static func signingPrivateKey(label: String, id: [UInt8]) -> [Attribute] {
        [
            .label(label), .id(id), Attribute(.token, true), Attribute(.private, true), Attribute(.sensitive, true),
            Attribute(.extractable, false), Attribute(.sign, true), Attribute(.decrypt, false),
            Attribute(.unwrap, false), Attribute(.derive, false),
        ]
    }

    /// The public half of a participant's signing key.
    package static func signingPublicKey(label: String, id: [UInt8]) -> [Attribute] {
        [
            .label(label), .id(id), Attribute(.token, true), Attribute(.private, false), Attribute(.verify, true),
            Attribute(.encrypt, false), Attribute(.wrap, false),
        ]
    }
}
