import Foundation

/// The times that credentials carry: `2026-07-01T12:00:00Z`, with a fraction and another offset where there are any.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
enum ISOTime {
    /// - Returns: Nil for every other form, one without an offset too: nobody knows whose clock it is.
    static func parse(_ text: String) -> Date? {
        let pattern = #/(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))/#
        guard let match = text.wholeMatch(of: pattern)?.output,
            let time = civil([match.1, match.2, match.3, match.4, match.5, match.6])
        else { return nil }
        var seconds = time.secondsSinceEpoch
        if let sign = match.7, let hours = match.8.flatMap({ Int($0) }), let minutes = match.9.flatMap({ Int($0) }) {
            guard hours <= 23, minutes <= 59 else { return nil }
            seconds -= (sign == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
        }
        return Date(timeIntervalSince1970: Double(seconds))
    }

    private static func civil(_ digits: [Substring]) -> CivilTime? {
        let numbers = digits.compactMap { Int($0) }
        guard numbers.count == 6 else { return nil }
        return CivilTime(
            year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
            second: numbers[5])
    }
}
