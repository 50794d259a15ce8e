import Room

/// Rows of text under headings, each column as wide as its widest cell.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.init(headings)
    }

    init(_ headings: [String]) {
        self.headings = headings
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    var text: String { text(width: .max) }

    /// Rows that are wider than that go on below, further right, all at the same columns; no cell is broken.
    ///
    /// - Parameter width: In columns. A cell that is wider by itself, such as an ARN, stays whole.
    func text(width: Int) -> String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { ShownText.columns($0[column]) }.max() ?? 0 }
        let lines = Self.folded(widths, width)
        return all.flatMap { row in
            lines.map { columns in
                let cells = columns.map { column in
                    let cell = row[column]
                    return column == columns.last ? cell : cell + Wrap.blank(widths[column] - ShownText.columns(cell))
                }
                return (columns.first == 0 ? "" : Wrap.blank(Self.indent)) + cells.joined(separator: "  ")
            }
        }.joined(separator: "\n")
    }

    private static let indent = 4

    /// The columns that stand on a line each.
    private static func folded(_ widths: [Int], _ width: Int) -> [[Int]] {
        var lines: [[Int]] = []
        var taken = 0
        for column in widths.indices {
            if let last = lines.indices.last, taken + 2 + widths[column] <= width {
                lines[last].append(column)
                taken += 2 + widths[column]
            } else {
                lines.append([column])
                taken = (column == 0 ? 0 : indent) + widths[column]
            }
        }
        return lines
    }
}
