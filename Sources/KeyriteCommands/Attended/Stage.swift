package import Room
import Synchronization

/// Puts views on a terminal: in place where it can, one after the other where it takes text alone.
package final class Stage: Sendable {
    private struct State {
        var view: View?
        /// On a plain terminal: what was printed already.
        var printed: Overview?
        var notices: [String] = []
        var isCleared = false
    }

    package let terminal: any TerminalPort
    private let state = Mutex(State())

    /// Whether people have the keys of the ceremony here.
    private let hasKeys: Bool

    package init(_ terminal: any TerminalPort, hasKeys: Bool = true) {
        self.terminal = terminal
        self.hasKeys = hasKeys
    }

    /// Shows a view, with the notices that came up since the last one was answered.
    func show(_ view: View) {
        state.withLock { state in
            state.view = view
            paint(&state)
        }
    }

    /// The same again, for a screen that has another size now.
    func repaint() {
        guard !terminal.isPlain else { return }
        state.withLock { paint(&$0) }
    }

    /// Tells people something that they may not miss: it stays until the next question is answered.
    package func notice(_ text: String) {
        state.withLock { state in
            if terminal.isPlain {
                terminal.write(Self.text(Paragraph(text).lines(width: terminal.size.columns), isPlain: true))
            } else {
                state.notices.append(text)
                if state.view != nil { paint(&state) }
            }
        }
    }

    /// The rows that a view takes now, with the notices above it.
    func height(of view: View) -> Int {
        let size = terminal.size
        return state.withLock { dressed(view, $0).lines(size).count }
    }

    func answered() {
        state.withLock { $0.notices = [] }
    }

    private func paint(_ state: inout State) {
        guard let view = state.view.map({ dressed($0, state) }) else { return }
        let size = terminal.size
        guard !terminal.isPlain else { return print(view, size, &state) }
        // What stood on the screen before is pushed up, not wiped out.
        let start = state.isCleared ? "" : String(repeating: "\n", count: size.rows)
        state.isCleared = true
        terminal.write(start + "\u{1B}[H\u{1B}[J" + Self.text(view.lines(size), isPlain: false))
    }

    /// The view as it is here, with the notices.
    private func dressed(_ view: View, _ state: State) -> View {
        var view = view
        view.hasKeys = view.hasKeys && hasKeys
        if !state.notices.isEmpty {
            view.body = state.notices.map { Paragraph($0, style: .strong) } + [.blank] + view.body
        }
        return view
    }

    private func print(_ view: View, _ size: TerminalSize, _ state: inout State) {
        var lines = view.lowerLines(width: size.columns)
        if let overview = view.overview, overview.lasting != state.printed {
            state.printed = overview.lasting
            lines = [ScreenLine("")] + view.lines(TerminalSize(columns: size.columns, rows: .max / 2))
        }
        terminal.write(Self.text(lines, isPlain: true))
    }

    private static func text(_ lines: [ScreenLine], isPlain: Bool) -> String {
        lines.map { line in
            guard !isPlain, !line.text.isEmpty else { return line.text + "\n" }
            switch line.style {
            case .plain: return line.text + "\n"
            case .strong: return "\u{1B}[1m\(line.text)\u{1B}[0m\n"
            case .faint: return "\u{1B}[2m\(line.text)\u{1B}[0m\n"
            }
        }.joined()
    }
}
