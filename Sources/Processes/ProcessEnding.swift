import Glibc

/// How a process ended.
package enum ProcessEnding: Hashable, Sendable, CustomStringConvertible {
    case exited(status: Int32)
    case killed(signal: Int32)
    /// It is gone, and the system does not say how: whoever started this process may have had its children's ends ignored.
    case untold(code: Int32)

    package var description: String {
        switch self {
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was ended by signal \(signal)"
        case .untold(let code): "ended, and how is not known: waitpid: \(String(cString: strerror(code)))"
        }
    }

    /// Reaps a child of this process: its number may be another's afterwards.
    ///
    /// - Parameter waits: Whether its end is waited for.
    /// - Returns: How it ended; nil while it runs.
    package static func reap(_ pid: Int32, waits: Bool = true) -> ProcessEnding? {
        var status: Int32 = 0
        while true {
            let found = waitpid(pid, &status, waits ? 0 : WNOHANG)
            if found == pid { break }
            if found == 0 { return nil }
            guard errno == EINTR else { return .untold(code: errno) }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .killed(signal: signal)
    }
}
