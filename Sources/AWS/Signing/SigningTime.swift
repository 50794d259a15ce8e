package import Foundation

/// The moment of a signature, in whole seconds, as SigV4 writes it: `20150830T123600Z`.
package struct SigningTime: Hashable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z; years 0 to 9999.
    private let seconds: Int

    /// - Parameter date: Its fraction of a second is dropped.
    package init(_ date: Date) {
        seconds = Int(min(max(date.timeIntervalSince1970, 0), 253_402_300_799).rounded(.down))
    }

    /// - Parameter timestamp: What a request said; nil unless it is a time in exactly SigV4's format.
    package init?(timestamp: String) {
        let text = Array(timestamp.utf8)
        guard text.count == 16, text[8] == UInt8(ascii: "T"), text[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int {
            text[range].reduce(0) { $0 * 10 + Int($1) - Int(UInt8(ascii: "0")) }
        }
        let civil = CivilTime(
            year: number(0..<4), month: number(4..<6), day: number(6..<8),
            hour: number(9..<11), minute: number(11..<13), second: number(13..<15))
        guard let civil else { return nil }
        seconds = civil.secondsSinceEpoch
        // Writing it again and comparing refuses whatever was no digit.
        guard self.timestamp.utf8.elementsEqual(text) else { return nil }
    }

    /// `yyyyMMdd'T'HHmmss'Z'`, the value of `X-Amz-Date`.
    package var timestamp: String {
        let time = CivilTime(secondsSinceEpoch: seconds)
        return day + "T" + [time.hour, time.minute, time.second].map { Self.padded($0, 2) }.joined() + "Z"
    }

    /// `yyyyMMdd`, as it stands in the credential scope.
    package var day: String {
        let time = CivilTime(secondsSinceEpoch: seconds)
        return Self.padded(time.year, 4) + Self.padded(time.month, 2) + Self.padded(time.day, 2)
    }

    package var date: Date { Date(timeIntervalSince1970: Double(seconds)) }
    package var description: String { timestamp }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
