package import CryptoPrimitives

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
    package static let aes256Origin: [Attribute] =
        [.objectClass(.secretKey), Attribute(.valueLength, number: 32)] + origin(.aes, .aesKeyGeneration)
        + secretFromTheStart

    /// A generic secret, an HMAC key, that may leave only wrapped, and may sign until its commitment and proof are taken.
    ///
    /// - Parameters:
    ///   - label: The key's label.
    ///   - id: The key's id; label and id together find it again.
    ///   - onToken: false for a throwaway key that ends with its session.
    package static func genericSecret(label: String, id: [UInt8], onToken: Bool = true) -> [Attribute] {
        [
            .label(label), .id(id), Attribute(.token, onToken), Attribute(.private, true), Attribute(.modifiable, true),
            Attribute(.sensitive, true), Attribute(.extractable, true), Attribute(.sign, true),
            Attribute(.verify, false), Attribute(.encrypt, false), Attribute(.decrypt, false), Attribute(.wrap, false),
            Attribute(.unwrap, false), Attribute(.derive, false),
        ]
    }

    /// What a generic secret of that template must say of itself besides.
    ///
    /// - Parameter count: Its bytes.
    package static func genericSecretOrigin(count: Int) -> [Attribute] {
        [.objectClass(.secretKey), Attribute(.valueLength, number: UInt(count))]
            + origin(.genericSecret, .genericSecretKeyGeneration) + secretFromTheStart
    }

    /// The private half of an RSA or elliptic curve key that may leave only wrapped, and does nothing else.
    ///
    /// - Parameters:
    ///   - label: The key's label.
    ///   - id: The key's id; label and id together find it again.
    ///   - onToken: false for a throwaway key that ends with its session.
    package static func privateKey(label: String, id: [UInt8], onToken: Bool = true) -> [Attribute] {
        [
            .label(label), .id(id), Attribute(.token, onToken), Attribute(.private, true), Attribute(.modifiable, true),
            Attribute(.sensitive, true), Attribute(.extractable, true), Attribute(.sign, false),
            Attribute(.decrypt, false), Attribute(.unwrap, false), Attribute(.derive, false),
        ]
    }

    /// The public half of such a key, there to be read.
    package static func publicKey(label: String, id: [UInt8], onToken: Bool = true) -> [Attribute] {
        [
            .label(label), .id(id), Attribute(.token, onToken), Attribute(.private, false), Attribute(.verify, false),
            Attribute(.encrypt, false), Attribute(.wrap, false),
        ]
    }

    /// What the private half of an RSA key of that template must say of itself besides.
    package static let rsaPrivateKeyOrigin: [Attribute] =
        [.objectClass(.privateKey)] + origin(.rsa, .rsaKeyPairGeneration) + secretFromTheStart

    /// What its public half must say of itself besides.
    package static func rsaPublicKeyOrigin(bits: Int) -> [Attribute] {
        [
            .objectClass(.publicKey), Attribute(.modulusBits, number: UInt(bits)),
            Attribute(.publicExponent, bytes: [0x01, 0x00, 0x01]),
        ] + origin(.rsa, .rsaKeyPairGeneration)
    }

    /// What the private half of an elliptic curve key of that template must say of itself besides.
    package static func ecPrivateKeyOrigin(_ curve: EllipticCurve) -> [Attribute] {
        [.objectClass(.privateKey), Attribute(.ecParameters, bytes: curve.parameters)]
            + origin(.ec, .ecKeyPairGeneration) + secretFromTheStart
    }

    /// What its public half must say of itself besides.
    package static func ecPublicKeyOrigin(_ curve: EllipticCurve) -> [Attribute] {
        [.objectClass(.publicKey), Attribute(.ecParameters, bytes: curve.parameters)]
            + origin(.ec, .ecKeyPairGeneration)
    }

    /// The AES-256 key that lives for one call, in which it wraps a private key and is wrapped itself.
    package static let ephemeralAES256: [Attribute] = [
        .label("keyrite ephemeral"), Attribute(.token, false), Attribute(.private, true), Attribute(.modifiable, true),
        Attribute(.sensitive, true), Attribute(.extractable, true), Attribute(.encrypt, false),
        Attribute(.decrypt, false), Attribute(.sign, false), Attribute(.verify, false), Attribute(.wrap, true),
        Attribute(.unwrap, false), Attribute(.derive, false),
    ]

    /// What settling takes away from an AES key: the usage that was there for checks alone.
    package static let withoutChecks: [Attribute] = [Attribute(.encrypt, false)]

    /// The same of a generic secret.
    package static let genericSecretWithoutChecks: [Attribute] = [Attribute(.sign, false)]

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

    private static func origin(_ type: KeyType, _ mechanism: MechanismType) -> [Attribute] {
        [.keyType(type), Attribute(.local, true), Attribute(.keyGenerationMechanism, number: mechanism.rawValue)]
    }

    private static let secretFromTheStart = [Attribute(.alwaysSensitive, true), Attribute(.neverExtractable, false)]
}
