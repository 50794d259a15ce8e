import Dispatch
import Glibc

/// Clears up when the program is told to end by SIGTERM or SIGINT, and then ends by that very signal.
struct EndingSignals {
    private static let numbers = [SIGTERM, SIGINT]

    private let sources: [any DispatchSourceSignal]

    /// - Parameter clearUp: Must be quick, and is called from another thread.
    init(_ clearUp: @escaping @Sendable () -> Void) {
        sources = Self.numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                clearUp()
                signal(number, SIG_DFL)
                kill(getpid(), number)
            }
            source.resume()
            return source
        }
    }

    /// From here on the signals end the program as they always do.
    func cancel() {
        sources.forEach { $0.cancel() }
        Self.numbers.forEach { signal($0, SIG_DFL) }
    }
}
