package import Ceremony
package import Room
import Synchronization

/// Puts views on a terminal: in place where it can, one after the other where it takes text alone.
package final class Stage: Sendable {
    private struct State {
        var view: View?
        /// What stands on the screen, from its top.
        var painted: (size: TerminalSize, lines: [ScreenLine])?
        /// On a plain terminal: what was printed already.
        var printed: Overview?
        var notices: [String] = []
        var isCleared = false
    }

    package let terminal: any TerminalPort
    private let state = Mutex(State())
    private let clock: any ClockPort

    /// Whether people have the keys of the ceremony here.
    let hasKeys: Bool

    package init(_ terminal: any TerminalPort, clock: any ClockPort = SystemClock(), hasKeys: Bool = true) {
        self.terminal = terminal
        self.clock = clock
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

    /// Keeps the time on the screen going, once a second and in its own place, until it is cancelled.
    func keepTime() async {
        guard !terminal.isPlain else { return }
        while (try? await clock.wait(milliseconds: 1000)) != nil { state.withLock { paintTime(&$0) } }
    }

    private func paintTime(_ state: inout State) {
        state.view?.overview?.now = clock.now()
        let size = terminal.size
        guard let view = state.view, let painted = state.painted, painted.size == size, !size.isTooSmall else { return }
        let lines = dressed(view, state).lines(size)
        // What is higher than the screen, or has lines more now, waits until it is painted as a whole.
        guard lines.count == painted.lines.count, lines.count < size.rows else { return }
        let changed = lines.indices.filter { lines[$0] != painted.lines[$0] }
        guard !changed.isEmpty else { return }
        state.painted = (size, lines)
        // The cursor is where somebody types: it is put back.
        let rows = changed.map { "\u{1B}[\($0 + 1);1H\u{1B}[2K" + Self.text(lines[$0], isPlain: false) }
        terminal.write("\u{1B}7" + rows.joined() + "\u{1B}8")
    }

    private func paint(_ state: inout State) {
        state.view?.overview?.now = clock.now()
        guard let view = state.view.map({ dressed($0, state) }) else { return }
        let size = terminal.size
        guard !terminal.isPlain else { return print(view, size, &state) }
        // What stood on the screen before is pushed up, not wiped out.
        let start = state.isCleared ? "" : String(repeating: "\n", count: size.rows)
        state.isCleared = true
        let lines = view.lines(size)
        state.painted = (size, lines)
        terminal.write(start + "\u{1B}[H\u{1B}[J" + Self.text(lines, isPlain: false))
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
        if !view.isBrief, let overview = view.overview, overview.lasting != state.printed {
            state.printed = overview.lasting
            lines = [ScreenLine("")] + view.lines(TerminalSize(columns: size.columns, rows: .max / 2))
        }
        terminal.write(Self.text(lines, isPlain: true))
    }

    private static func text(_ lines: [ScreenLine], isPlain: Bool) -> String {
        lines.map { text($0, isPlain: isPlain) + "\n" }.joined()
    }

    private static func text(_ line: ScreenLine, isPlain: Bool) -> String {
        guard !isPlain, !line.text.isEmpty else { return line.text }
        return switch line.style {
        case .plain: line.text
        case .strong: "\u{1B}[1m\(line.text)\u{1B}[0m"
        case .faint: "\u{1B}[2m\(line.text)\u{1B}[0m"
        }
    }
}
