import Room

/// Rows of text under headings, each column as wide as its widest cell.
struct Table {
    private let headings: [String]
    private var columns: TableColumns
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.init(headings)
    }

    init(_ headings: [String]) {
        self.headings = headings
        columns = TableColumns(headings)
    }

    mutating func add(_ cells: String...) {
        columns.fit(cells)
        rows.append(cells)
    }

    var text: String { text(width: .max) }

    /// Rows that are wider than that go on below, further right, all at the same columns. No cell is broken but the last one,
    /// between words. Where all cells of a line are empty, there is none.
    ///
    /// - Parameter width: In columns. A cell that is wider by itself, such as an ARN, stays whole.
    func text(width: Int) -> String {
        ([headings] + rows).map { columns.text(of: $0, width: width) }.joined(separator: "\n")
    }
}

/// How wide the columns of a table are: of one whose rows are not held, every row is fitted before the first is written.
struct TableColumns {
    private static let indent = 4
    private var widths: [Int]

    /// - Parameter headings: Of each column.
    init(_ headings: [String]) { widths = headings.map(ShownText.columns) }

    /// Makes room for a row.
    mutating func fit(_ cells: [String]) {
        for column in widths.indices { widths[column] = max(widths[column], ShownText.columns(cells[column])) }
    }

    /// - Parameter width: Of all columns. What is wider goes on below.
    func text(of row: [String], width: Int) -> String {
        folded(row, width).filter { columns in columns.contains { !row[$0].isEmpty } }.flatMap { columns -> [String] in
            if columns == [widths.count - 1], columns != [0] {
                let cell = row[columns[0]]
                let longest = cell.split(separator: " ").map(ShownText.columns).max() ?? 0
                let indent = Wrap.indent(Self.indent, of: longest, width: width)
                return Wrap.lines(cell, width: width - indent, keepsWords: true).map { Wrap.blank(indent) + $0 }
            }
            let cells = columns.map { column in
                let cell = row[column]
                return column == columns.last ? cell : cell + Wrap.blank(widths[column] - ShownText.columns(cell))
            }
            return [(columns.first == 0 ? "" : Wrap.blank(Self.indent)) + cells.joined(separator: "  ")]
        }.joined(separator: "\n")
    }

    /// The columns that stand on a line each. The last one is as wide as what stands in it: one long cell folds no other row.
    private func folded(_ row: [String], _ width: Int) -> [[Int]] {
        var widths = widths
        if let last = widths.indices.last { widths[last] = ShownText.columns(row[last]) }
        var lines: [[Int]] = []
        var taken = 0
        for column in widths.indices {
            if let last = lines.indices.last, taken + 2 + widths[column] <= width {
                lines[last].append(column)
                taken += 2 + widths[column]
            } else {
                lines.append([column])
                taken = (column == 0 ? 0 : Self.indent) + widths[column]
            }
        }
        return lines
    }
}
