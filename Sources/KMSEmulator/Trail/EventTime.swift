import AWS
import Foundation

/// A moment as CloudTrail writes it.
enum EventTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Of the event: `2025-05-21T05:42:31Z`.
    static func iso(_ date: Date) -> String {
        let digits = digits(date)
        let day = "\(digits[0..<4])-\(digits[4..<6])-\(digits[6..<8])"
        return "\(day)T\(digits[8..<10]):\(digits[10..<12]):\(digits[12..<14])Z"
    }

    /// - Returns: nil unless the text is a moment as `iso` writes it.
    static func parse(iso text: String) -> Date? {
        guard text.utf8.count == 20 else { return nil }
        let stamp = text.replacing("-", with: "").replacing(":", with: "")
        guard let date = SigningTime(timestamp: stamp)?.date, iso(date) == text else { return nil }
        return date
    }

    /// Among what was asked and answered: `May 21, 2025, 5:47:45 AM`.
    static func words(_ date: Date) -> String {
        let digits = digits(date)
        let hour = digits[8..<10].number
        let month = months[(digits[4..<6].number - 1) % 12]
        let time = "\((hour + 11) % 12 + 1):\(digits[10..<12]):\(digits[12..<14])"
        return "\(month) \(digits[6..<8].number), \(digits[0..<4].number), \(time) \(hour < 12 ? "AM" : "PM")"
    }

    private static func digits(_ date: Date) -> Digits { Digits(SigningTime(date).timestamp.filter(\.isNumber)) }
}

/// Fourteen digits, from the year to the second.
private struct Digits: CustomStringConvertible {
    private let text: [Character]

    init(_ text: some Sequence<Character>) { self.text = Array(text) }

    subscript(_ range: Range<Int>) -> Digits { Digits(text[range]) }
    var number: Int { Int(String(text)) ?? 0 }
    var description: String { String(text) }
}
