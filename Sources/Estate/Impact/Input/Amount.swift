/// An amount of money in whatever currency, exact to a billionth. Sums of any report fit.
package struct Amount: Hashable, Comparable, Sendable {
    private let billionths: Int128

    package static let zero = Amount(billionths: 0)

    private init(billionths: Int128) { self.billionths = billionths }

    /// - Parameter text: Up to 6 digits and, after a point, up to 9; anything else gives nil.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let isDigits = { (part: Substring.UTF8View) in part.allSatisfy { (48...57).contains($0) } }
        guard (1...6).contains(parts[0].count), parts.allSatisfy(isDigits),
            parts.count == 1 || (1...9).contains(parts[1].count)
        else { return nil }
        let fraction = parts.count == 1 ? "" : String(Substring(parts[1]))
        let digits = String(Substring(parts[0])) + fraction + String(repeating: "0", count: 9 - fraction.count)
        guard let billionths = Int128(digits) else { return nil }
        self.billionths = billionths
    }

    /// So many times this, where it is the price of `unit` things; half a billionth counts as a whole one.
    ///
    /// - Parameter count: At most 10^13, of which 10^12 a file can hold.
    package func times(_ count: Int, per unit: Int) -> Amount {
        let (whole, rest) = (billionths * Int128(count)).quotientAndRemainder(dividingBy: Int128(unit))
        return Amount(billionths: whole + (rest * 2 >= Int128(unit) ? 1 : 0))
    }

    package static func + (one: Self, other: Self) -> Self { Self(billionths: one.billionths + other.billionths) }
    package static func < (one: Self, other: Self) -> Bool { one.billionths < other.billionths }

    /// Exact, with at least two digits after the point.
    package var text: String {
        let (whole, rest) = billionths.quotientAndRemainder(dividingBy: 1_000_000_000)
        let padded = String(repeating: "0", count: 9 - String(rest).count) + String(rest)
        var digits = Substring(padded)
        while digits.count > 2, digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
