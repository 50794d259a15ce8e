import Ceremony
import Evidence
import PKCS11

/// Attributes of PKCS#11 as evidence writes them: by the standard's names, with values as words.
enum AttributeNames {
    /// What is read back of every key, in this order.
    static let recorded: [AttributeType] = [
        .objectClass, .keyType, .valueLength, .token, .private, .sensitive, .alwaysSensitive, .extractable,
        .neverExtractable, .local, .modifiable, .encrypt, .decrypt, .sign, .verify, .wrap, .unwrap, .derive, .trusted,
        .wrapWithTrusted,
    ]

    /// Made by the mechanism itself, so not part of a template.
    private static let implied: Set<AttributeType> = [.objectClass, .keyType, .valueLength]

    /// The template that a plan's settings amount to.
    ///
    /// - Throws: `CeremonyError` for a name or value that Keyrite does not set.
    static func template(_ settings: [AttributeSetting]) throws -> [Attribute] {
        try settings.compactMap { setting in
            guard let type = recorded.first(where: { $0.description == setting.name }) else { throw unknown(setting) }
            if implied.contains(type) { return nil }
            switch setting.value {
            case "true": return Attribute(type, true)
            case "false": return Attribute(type, false)
            default: throw unknown(setting)
            }
        }
    }

    /// A token's answer in a word.
    static func text(of answer: AttributeAnswer, for type: AttributeType) -> String {
        switch (answer, type) {
        case (.unavailable, _): "unavailable"
        case (.sensitive, _): "sensitive"
        case (.exposed, _): "exposed"
        case (.value, .objectClass): answer.number.map { ObjectClass(rawValue: $0).description } ?? "malformed"
        case (.value, .keyType): answer.number.map { KeyType(rawValue: $0).description } ?? "malformed"
        case (.value, .valueLength): answer.number.map { "\($0)" } ?? "malformed"
        case (.value, _): answer.bool.map { "\($0)" } ?? "malformed"
        }
    }

    private static func unknown(_ setting: AttributeSetting) -> CeremonyError {
        CeremonyError(
            .invalidInput, "The plan's template has \(setting.name) = \(setting.value)",
            remedy: "This version cannot set it")
    }
}
