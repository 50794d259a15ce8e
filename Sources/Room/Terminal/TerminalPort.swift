package import CryptoPrimitives

/// The terminal that people sit at. It shows text and hands over what is typed; it decides nothing.
package protocol TerminalPort: Sendable {
    /// Whether it takes text alone: no colour, no cursor movement.
    var isPlain: Bool { get }

    /// The size as it is now.
    var size: TerminalSize { get }

    /// Shows text; lines end in LF. Text that nobody can see any more is dropped.
    func write(_ text: String)

    /// Forgets what was typed and not read yet, so that no answer is older than its question.
    func discardTyped()

    /// - Parameter action: Is called at once on Ctrl-C, from another thread, before anybody has taken the event.
    func onInterrupt(_ action: @escaping @Sendable () -> Void)

    /// Waits for what happens next. Once the terminal has ended there is nothing but its end.
    func next() async -> TerminalEvent

    /// What has happened already; nil when nothing has.
    func pending() -> TerminalEvent?

    /// Reads a secret that is not shown, byte for byte into locked memory.
    ///
    /// - Parameter limit: The most bytes it may have.
    func readSecret(limit: Int) async throws -> SecretEntry
}

/// What comes from a terminal.
package enum TerminalEvent: Hashable, Sendable {
    case byte(UInt8)
    /// It has another size now.
    case resized
    /// Ctrl-C.
    case interrupted
    /// The signal that tells the program to end: SIGTERM, or SIGHUP when the terminal is gone.
    case ended(Int32)
}

/// What came of asking for a secret.
package enum SecretEntry: Sendable {
    case secret(SecretBytes)
    /// Enter alone.
    case nothing
    case tooLong
    /// Something else happened first; what was typed is zeroised.
    case event(TerminalEvent)
}

/// How much a terminal shows.
package struct TerminalSize: Hashable, Sendable {
    /// Columns, at least 40.
    package let columns: Int
    /// Rows, at least 10.
    package let rows: Int
    /// Whether the terminal has fewer than these: what is made for this size is not all to be seen there.
    package let isTooSmall: Bool

    package static let usual = TerminalSize(columns: 80, rows: 24)

    package init(columns: Int, rows: Int) {
        self.columns = max(40, columns)
        self.rows = max(10, rows)
        isTooSmall = columns < 40 || rows < 10
    }
}
