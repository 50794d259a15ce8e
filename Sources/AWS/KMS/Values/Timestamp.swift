package import Foundation

/// A time on KMS's wire: a JSON number, seconds since 1970-01-01T00:00:00Z, fractions allowed.
package struct Timestamp: Codable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let secondsSinceEpoch: Double

    package init(secondsSinceEpoch: Double) {
        self.secondsSinceEpoch = secondsSinceEpoch
    }

    package init(_ date: Date) {
        secondsSinceEpoch = date.timeIntervalSince1970
    }

    package init(from decoder: any Decoder) throws {
        secondsSinceEpoch = try decoder.singleValueContainer().decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(secondsSinceEpoch)
    }

    package var date: Date { Date(timeIntervalSince1970: secondsSinceEpoch) }
    package var description: String { "\(secondsSinceEpoch)" }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.secondsSinceEpoch < right.secondsSinceEpoch
    }
}
