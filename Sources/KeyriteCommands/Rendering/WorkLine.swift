import Foundation
import Glibc
import Room
import Synchronization

/// What the command is at, and for how long by now, in one line of the terminal that is written again and again: nobody has to
/// guess whether it still works while a token or AWS takes its time. Nothing where people read on no terminal, or a plain one.
///
/// A process has one terminal, so it has one such line: what else is told to people goes above it.
enum WorkLine {
    private struct State {
        /// Nil while nothing is done that may take its time.
        var work: String?
        var since = ContinuousClock.now
        var isShown = false
        /// How many use the terminal for something else just then.
        var borrowers = 0
    }

    /// What a ceremony's command begins with.
    static let looking = "looking at what the site has"
    static let askingAWS = "asking AWS"
    /// What is over sooner is not told.
    private static let patience = Duration.seconds(2)
    private static let pace = Duration.seconds(1)
    private static let state = Mutex(State())

    /// Does something, and tells meanwhile what it is at.
    ///
    /// - Parameter work: What it begins with, in words.
    static func during<R>(_ work: String, _ body: () async throws -> R) async rethrows -> R {
        guard !TerminalDevice.isPlain() else { return try await body() }
        put(work)
        let clock = Task {
            while (try? await Task.sleep(for: pace)) != nil { tell() }
        }
        defer {
            clock.cancel()
            put(nil)
        }
        return try await body()
    }

    /// What is done goes on with something else.
    static func goOn(with work: String) {
        state.withLock { state in
            guard state.work != nil else { return }
            put(work, &state)
        }
    }

    /// Lets others use the terminal, who ask people something.
    static func lend<R>(_ use: () async throws -> R) async rethrows -> R {
        above { $0.borrowers += 1 }
        // The time that people took is not the work's.
        defer { above { ($0.borrowers, $0.since) = ($0.borrowers - 1, .now) } }
        return try await use()
    }

    /// Writes something to the terminal, and goes on below it.
    static func above(_ write: () -> Void) { above { _ in write() } }

    private static func above(_ change: (inout State) -> Void) {
        state.withLock { state in
            clear(&state)
            change(&state)
        }
    }

    private static func put(_ work: String?) { state.withLock { put(work, &$0) } }

    private static func put(_ work: String?, _ state: inout State) {
        clear(&state)
        (state.work, state.since) = (work, .now)
    }

    private static func tell() {
        state.withLock { state in
            let time = ContinuousClock.now - state.since
            guard let work = state.work, state.borrowers == 0, time >= patience, isInForeground else { return }
            // One column less than there are: some terminals go on to the next line after the last one.
            let line = "\(work), \(time.spoken)".prefix(max(0, (OutputWidth.terminalForPeople ?? 80) - 1))
            write("\r\(line)\u{1B}[K")
            state.isShown = true
        }
    }

    /// Whether nobody types to another program at the same terminal.
    private static var isInForeground: Bool { tcgetpgrp(STDERR_FILENO) == getpgrp() }

    private static func clear(_ state: inout State) {
        guard state.isShown else { return }
        write("\r\u{1B}[K")
        state.isShown = false
    }

    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
