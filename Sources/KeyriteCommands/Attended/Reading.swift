/// A text that somebody reads page by page, and what of it has been before their eyes.
///
/// Pages are cut anew whenever the room for them changes. What was seen is therefore counted in lines, and for each width
/// by itself: another width has other lines.
struct Reading {
    private let text: [Paragraph]
    private var width: Int?
    private var lines: [ScreenLine] = []
    private var rows = 1
    /// Where the present page begins.
    private var first = 0
    private var seen: [Int: RangeSet<Int>] = [:]

    init(_ text: [Paragraph]) { self.text = text }

    /// Cuts the pages for the room that there is now. The present page begins where it did, or, when the lines themselves are
    /// others, with the first that was not seen.
    ///
    /// - Parameter rows: Of a page, 1 or more.
    mutating func fit(columns: Int, rows: Int) {
        self.rows = max(1, rows)
        if columns != width {
            width = columns
            lines = text.flatMap { $0.lines(width: columns) }
            first = unseen.ranges.first?.lowerBound ?? max(0, lines.count - 1)
        }
    }

    /// The present page was on the screen, all of it.
    mutating func saw() {
        if let width { seen[width, default: RangeSet()].insert(contentsOf: page) }
    }

    /// Goes on to the next page; on the last one it stays.
    mutating func goOn() { first = isLast ? first : page.upperBound }

    mutating func goBack() { first = max(0, first - rows) }

    mutating func goToEnd() { first += max(0, lines.count - 1 - first) / rows * rows }

    var isLast: Bool { page.upperBound == lines.count }

    /// The lines of the present page.
    var shown: [ScreenLine] { Array(lines[page]) }

    /// Goes to the first line that was not seen.
    mutating func goToUnseen() { first = unseen.ranges.first?.lowerBound ?? first }

    /// What stands under the present page.
    ///
    /// - Parameter atEnd: What the keys do on the last page.
    func prompt(atEnd: [String]) -> String {
        let before = pages(first)
        let (number, count) = (before + 1, before + max(1, pages(lines.count - first)))
        let keys = (isLast ? atEnd : ["Enter: next", "e: to the end"]) + (number > 1 ? ["b: back"] : [])
        return "Page \(number) of \(count). \(keys.joined(separator: ", ")) "
    }

    /// What was not seen, in words; nil when all of it was.
    var leftOut: String? {
        let hidden = unseen.ranges.reduce(0) { $0 + $1.count }
        return hidden == 0 ? nil : "You have seen \(lines.count - hidden) of \(lines.count) lines."
    }

    private func pages(_ lines: Int) -> Int { (lines + rows - 1) / rows }

    private var page: Range<Int> { first..<min(first + rows, lines.count) }

    private var unseen: RangeSet<Int> {
        var lines = RangeSet(lines.indices)
        if let width { lines.subtract(seen[width] ?? RangeSet()) }
        return lines
    }
}
