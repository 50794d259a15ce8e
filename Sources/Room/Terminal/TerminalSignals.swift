import Dispatch
import Glibc
import Synchronization

/// The signals that reach somebody at a terminal. While they are taken, none of them ends the program.
final class TerminalSignals: Sendable {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH]

    private let cancel = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameter received: Is called from another thread.
    func begin(_ received: @escaping @Sendable (Int32) -> Void) {
        let sources = Self.numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { received(number) }
            source.resume()
            return Unchecked(source: source)
        }
        cancel.withLock { $0 = { sources.forEach { $0.source.cancel() } } }
    }

    /// From here on the signals do what they always do.
    func end() {
        cancel.withLock { cancel in
            guard let cancelAll = cancel else { return }
            cancelAll()
            cancel = nil
            Self.numbers.forEach { signal($0, SIG_DFL) }
        }
    }

    /// Unchecked: Dispatch's objects may be used from any thread, whatever the overlay declares.
    private struct Unchecked: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }
}
