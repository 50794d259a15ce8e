import Room
import Synchronization

/// A terminal that knows what stands on its screen, and somebody there who does what was set down beforehand, and then
/// presses Enter.
final class ScreenTerminal: TerminalPort {
    enum Act: Hashable, Sendable {
        case key(UInt8)
        case resize(_ columns: Int, _ rows: Int)
        /// A change of size whose signal was lost, or is still on its way.
        case resizeUnheard(_ columns: Int, _ rows: Int)
    }

    private struct State {
        var acts: [Act]
        var columns: Int
        var rows: Int
        var keys = 0
        var output = ""
        var seen: Set<String> = []
        var pages: [[String]] = []
    }

    let isPlain: Bool
    private let state: Mutex<State>

    init(_ acts: [Act], isPlain: Bool = false, columns: Int = 80, rows: Int = 24) {
        self.isPlain = isPlain
        state = Mutex(State(acts: acts, columns: columns, rows: rows))
    }

    /// What was on the screen, whole words, whenever a key was pressed.
    var wordsSeen: Set<String> { state.withLock { $0.seen } }
    /// The rows of the screen whenever a key was pressed.
    var pagesSeen: [[String]] { state.withLock { $0.pages } }
    var size: TerminalSize { state.withLock { TerminalSize(columns: $0.columns, rows: $0.rows) } }

    func write(_ text: String) {
        state.withLock { state in
            let parts = text.split(separator: "\u{1B}[H\u{1B}[J", omittingEmptySubsequences: false)
            // More than any screen here has is of no interest.
            state.output = String(
                (parts.count == 1 ? state.output + text : String(parts[parts.count - 1])).suffix(9000))
        }
    }

    func discardTyped() {}
    func onInterrupt(_ action: @escaping @Sendable () -> Void) {}
    func pending() -> TerminalEvent? { nil }
    func readSecret(limit: Int) async throws -> SecretEntry { .event(.ended(1)) }

    func next() async -> TerminalEvent {
        state.withLock { state in
            while true {
                switch state.acts.isEmpty ? .key(0x0A) : state.acts.removeFirst() {
                case .resizeUnheard(let columns, let rows): (state.columns, state.rows) = (columns, rows)
                case .resize(let columns, let rows):
                    (state.columns, state.rows) = (columns, rows)
                    return .resized
                case .key(let byte):
                    state.seen.formUnion(Self.words(state))
                    state.pages.append(Self.screen(state))
                    state.keys += 1
                    // Nobody leafs for ever.
                    return state.keys < 1000 ? .byte(byte) : .ended(1)
                }
            }
        }
    }

    private static func words(_ state: State) -> [String] {
        screen(state).flatMap { $0.split(separator: " ").map(String.init) }
    }

    /// What was written since the screen was last cleared, in rows, as many as there are.
    private static func screen(_ state: State) -> [String] {
        let text = state.output.replacing(/\u{1B}\[[0-9]*m/, with: "")
        let rows = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            stride(from: 0, to: max(1, line.count), by: state.columns).map {
                String(line.dropFirst($0).prefix(state.columns))
            }
        }
        return rows.suffix(state.rows)
    }
}
