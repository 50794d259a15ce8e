/// A text that somebody reads page by page, and what of it has been before their eyes.
///
/// Pages are cut anew whenever the room for them changes. What was seen is therefore counted in lines, and for each width
/// by itself: another width has other lines.
///
/// A page ends where a value does, so that each is on one page whole where it fits; and where it can, before a heading, so that
/// what belongs together is read together.
struct Reading {
    private let text: [Paragraph]
    private var width: Int?
    private var lines: [ScreenLine] = []
    /// Where paragraphs begin, and how far from the margin those do that are headings.
    private var beginnings: [Int: Int?] = [:]
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
            lines = []
            beginnings = [:]
            for paragraph in text {
                beginnings[lines.count] = .some(paragraph.headingDepth)
                lines += paragraph.lines(width: columns)
            }
            first = unseen.ranges.first?.lowerBound ?? max(0, lines.count - 1)
        }
    }

    /// The present page was on the screen, all of it.
    mutating func saw() {
        if let width { seen[width, default: RangeSet()].insert(contentsOf: page) }
    }

    /// Goes on to the next page; on the last one it stays.
    mutating func goOn() { first = isLast ? first : page.upperBound }

    mutating func goBack() { first = starts(to: first).last ?? 0 }

    mutating func goToEnd() { while !isLast { first = page.upperBound } }

    var isLast: Bool { page.upperBound == lines.count }

    /// The lines of the present page.
    var shown: [ScreenLine] { Array(lines[page]) }

    /// Goes to the first line that was not seen.
    mutating func goToUnseen() { first = unseen.ranges.first?.lowerBound ?? first }

    /// What stands under the present page.
    ///
    /// - Parameter atEnd: What the keys do on the last page.
    func prompt(atEnd: [String]) -> String {
        let before = starts(to: first).count
        var (count, start) = (before + 1, page.upperBound)
        while start < lines.count { (count, start) = (count + 1, end(from: start)) }
        let number = before + 1
        let keys = (isLast ? atEnd : ["Enter: next", "e: to the end"]) + (number > 1 ? ["b: back"] : [])
        return "Page \(number) of \(count). \(keys.joined(separator: ", "))"
    }

    /// What was not seen, in words; nil when all of it was.
    var leftOut: String? {
        let hidden = unseen.ranges.reduce(0) { $0 + $1.count }
        return hidden == 0 ? nil : "You have seen \(lines.count - hidden) of \(lines.count) lines."
    }

    /// Where the pages begin that are read before a line.
    private func starts(to line: Int) -> [Int] {
        var (starts, start) = ([Int](), 0)
        while start < line {
            starts.append(start)
            start = end(from: start)
        }
        return starts
    }

    /// Where a page ends that begins with a line.
    private func end(from start: Int) -> Int {
        guard start + rows < lines.count else { return lines.count }
        let fitting = (start + 1)...(start + rows)
        // Of the headings in its second half the last of those that are nearest to the margin; else the last value that fits.
        let headings = fitting.suffix(rows / 2 + 1).compactMap { line in
            (beginnings[line] ?? nil).map { (line: line, depth: $0) }
        }
        let shallowest = headings.map(\.depth).min()
        return headings.last { $0.depth == shallowest }?.line ?? fitting.last { beginnings[$0] != nil } ?? start + rows
    }

    private var page: Range<Int> { first..<end(from: first) }

    private var unseen: RangeSet<Int> {
        var lines = RangeSet(lines.indices)
        if let width { lines.subtract(seen[width] ?? RangeSet()) }
        return lines
    }
}

extension Paragraph {
    /// How far from the margin a heading stands; nil of anything else.
    fileprivate var headingDepth: Int? { style == .strong ? lead.utf8.count : nil }
}
