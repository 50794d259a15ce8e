package import Room

/// What a screen shows, whatever its size.
package struct View: Hashable, Sendable {
    package var overview: Overview?
    /// Whether no more is shown of the overview than a line or two.
    package var isBrief: Bool
    package var body: [Paragraph]
    /// What stands under the body while there is room for it: on a small screen the first of these are left out first.
    package var spare: [[Paragraph]]
    /// Whether people are reminded of their keys.
    package var hasKeys: Bool

    package init(
        overview: Overview? = nil, isBrief: Bool = false, body: [Paragraph], spare: [[Paragraph]] = [],
        hasKeys: Bool = true
    ) {
        self.overview = overview
        self.isBrief = isBrief
        self.body = body
        self.spare = spare
        self.hasKeys = hasKeys
    }

    /// The lines for a screen of this size, the row of the prompt left free.
    package func lines(_ size: TerminalSize) -> [ScreenLine] {
        let lines = laidOut(size)
        guard lines.count >= size.rows, !spare.isEmpty else { return lines }
        var smaller = self
        smaller.spare.removeFirst()
        return smaller.lines(size)
    }

    private func laidOut(_ size: TerminalSize) -> [ScreenLine] {
        let bottom = lowerLines(width: size.columns)
        guard let overview else { return bottom }
        guard !isBrief else { return overview.brief.lines(width: size.columns) + bottom }
        func upper(_ room: Int) -> [ScreenLine] {
            overview.paragraphs(room: room).flatMap { $0.lines(width: size.columns) } + [ScreenLine("")]
        }
        let whole = upper(overview.lines.count)
        let excess = whole.count + bottom.count + 1 - size.rows
        guard excess > 0 else { return whole + bottom }
        // Two rows more tell how many steps were left out.
        return upper(overview.lines.count - excess - 2) + bottom
    }

    /// What stands under the overview.
    package func lowerLines(width: Int) -> [ScreenLine] {
        let body = body + spare.flatMap(\.self)
        let keys = hasKeys ? (body.last == .blank ? [] : [.blank]) + [CommandKey.reminder] : []
        return (body + keys).flatMap { $0.lines(width: width) }
    }
}
