/// A moment to the second in UTC, written `2026-11-23T18:33:00Z`, from 1970 to 9999.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let epochSeconds: Int64

    /// 9999-12-31T23:59:59Z.
    private static let last: Int64 = 253_402_300_799

    /// - Parameter epochSeconds: Seconds since 1970-01-01T00:00:00Z; outside 1970 to 9999 the nearest end is taken.
    package init(epochSeconds: Int64) {
        self.epochSeconds = min(max(epochSeconds, 0), Self.last)
    }

    /// - Parameter text: Exactly `YYYY-MM-DDThh:mm:ssZ`, a moment that the calendar has; anything else gives nil.
    package init?(_ text: String) {
        let fields = text.utf8.split(maxSplits: 6, omittingEmptySubsequences: false) { !(48...57).contains($0) }
        let numbers = fields.prefix(6).compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 6 else { return nil }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        let (hour, minute, second) = (numbers[3], numbers[4], numbers[5])
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        epochSeconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        // A day that its month has not, another width or another separator: all are written otherwise than they were read.
        guard description.utf8.elementsEqual(text.utf8) else { return nil }
    }

    package var description: String {
        let part = parts
        return "\(part.year)-\(part.month)-\(part.day)T\(part.hour):\(part.minute):\(part.second)Z"
    }

    /// `YYYYMMDDhhmmssZ`, as allowed_signers and `ssh-keygen -Overify-time` have it (ssh-keygen(1)).
    package var sshForm: String {
        let part = parts
        return "\(part.year)\(part.month)\(part.day)\(part.hour)\(part.minute)\(part.second)Z"
    }

    package static func < (one: Timestamp, other: Timestamp) -> Bool { one.epochSeconds < other.epochSeconds }

    /// The moment so many seconds later, or earlier.
    package func advanced(bySeconds seconds: Int64) -> Timestamp {
        Timestamp(epochSeconds: epochSeconds.addingReportingOverflow(seconds).partialValue)
    }

    private var parts: (year: String, month: String, day: String, hour: String, minute: String, second: String) {
        func padded(_ number: Int64, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (year, month, day) = Self.date(epochSeconds / 86_400)
        let second = epochSeconds % 86_400
        return (
            padded(year, 4), padded(month), padded(day), padded(second / 3600), padded(second / 60 % 60),
            padded(second % 60)
        )
    }

    // Dates and day numbers in the Gregorian calendar, with years that begin in March so that the leap day is the last.

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - daysBefore1970
    }

    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + daysBefore1970).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = (monthFromMarch + 2) % 12 + 1
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (400 * era + yearOfEra + (month > 2 ? 0 : 1), month, day)
    }

    /// From 0000-03-01 to 1970-01-01.
    private static let daysBefore1970: Int64 = 719_468
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let timestamp = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a time is written YYYY-MM-DDThh:mm:ssZ")
        }
        self = timestamp
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
