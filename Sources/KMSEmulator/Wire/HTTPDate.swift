import Foundation

/// A time as the HTTP header Date has it (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func string(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        func padded(_ number: Int?, _ digits: Int = 2) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let day = "\(padded(parts.day)) \(months[(parts.month ?? 1) - 1]) \(padded(parts.year, 4))"
        let time = "\(padded(parts.hour)):\(padded(parts.minute)):\(padded(parts.second))"
        return "\(weekdays[(parts.weekday ?? 1) - 1]), \(day) \(time) GMT"
    }
}
