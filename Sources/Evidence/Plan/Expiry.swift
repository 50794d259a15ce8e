/// Until when KMS keeps imported material: `never`, or the moment at which it expires.
package enum Expiry: Hashable, Sendable {
    case never
    case at(Timestamp)

    /// The longest that KMS lets material be valid, in seconds from its import.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
    package static let longest: Int64 = 365 * 86_400

    /// - Parameter text: `never` or `YYYY-MM-DDThh:mm:ssZ`; anything else gives nil.
    package init?(_ text: String) {
        if text == ReleaseSlot.never {
            self = .never
        } else {
            guard let time = Timestamp(text) else { return nil }
            self = .at(time)
        }
    }

    /// As evidence has it.
    package var text: String {
        switch self {
        case .never: ReleaseSlot.never
        case .at(let time): time.description
        }
    }
}

extension Expiry: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let expiry = Expiry(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "an expiry is never, or a time written YYYY-MM-DDThh:mm:ssZ")
        }
        self = expiry
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
