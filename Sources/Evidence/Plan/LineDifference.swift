/// In which lines two texts differ, and where: two lines that changed places differ, and so does one that stands twice.
///
/// Each side has its own lines that the longest common subsequence leaves out, as `3: text`, counted from 1. Two sides are
/// equal only where the texts are.
package struct LineDifference: Hashable, Sendable {
    /// The lines of the one text that the other does not have there, percent-encoded like the text itself.
    package let planned: String
    package let observed: String

    /// - Parameters: Percent-encoded texts; their lines end in `%0A`.
    package init(planned: String, observed: String) {
        let (ours, theirs) = (Self.lines(planned), Self.lines(observed))
        let head = zip(ours, theirs).prefix { $0 == $1 }.count
        let tail = zip(ours.dropFirst(head).reversed(), theirs.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let (left, right) = (ours[head..<(ours.count - tail)], theirs[head..<(theirs.count - tail)])
        let own = Self.own(Array(left), Array(right))
        self.planned = Self.numbered(ours, own.0.map { $0 + head })
        self.observed = Self.numbered(theirs, own.1.map { $0 + head })
    }

    /// The most pairs of lines that are compared; beyond it, all of what is between a common beginning and end differs.
    private static let mostPairs = 10_000

    /// The offsets of the lines that the longest common subsequence leaves out, on both sides.
    private static func own(_ ours: [Substring], _ theirs: [Substring]) -> ([Int], [Int]) {
        guard ours.count * theirs.count <= mostPairs else { return (Array(ours.indices), Array(theirs.indices)) }
        let common = commonLengths(ours, theirs)
        var (i, j) = (ours.count, theirs.count)
        var (left, right): ([Int], [Int]) = ([], [])
        while i > 0, j > 0 {
            if ours[i - 1] == theirs[j - 1] {
                (i, j) = (i - 1, j - 1)
            } else if common[i - 1][j] >= common[i][j - 1] {
                i -= 1
                left.append(i)
            } else {
                j -= 1
                right.append(j)
            }
        }
        return (Array(0..<i) + left.reversed(), Array(0..<j) + right.reversed())
    }

    /// At `[i][j]`, how long the longest common subsequence of the first i and the first j lines is.
    private static func commonLengths(_ ours: [Substring], _ theirs: [Substring]) -> [[Int]] {
        var lengths = [[Int](repeating: 0, count: theirs.count + 1)]
        for (i, line) in ours.enumerated() {
            var row = [0]
            for (j, other) in theirs.enumerated() {
                row.append(line == other ? lengths[i][j] + 1 : max(row[j], lengths[i][j + 1]))
            }
            lengths.append(row)
        }
        return lengths
    }

    private static let lineFeed = "%0A"

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: lineFeed, omittingEmptySubsequences: false)
    }

    private static func numbered(_ lines: [Substring], _ offsets: [Int]) -> String {
        offsets.map { "\($0 + 1): \(lines[$0])" }.joined(separator: lineFeed)
    }
}
