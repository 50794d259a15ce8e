import ArgumentParser
import Ceremony
import Evidence
import Glibc
import Room
import Synchronization

/// Where a rehearsal's tests stop or kill the program. A live site has no such options.
struct CheckpointOptions: ParsableArguments {
    @Option(help: .hidden)
    var checkpointLog: String?
    @Option(help: .hidden)
    var killAt: KillPoint?
    @Option(help: .hidden)
    var stopAt: Int?
    @Flag(help: .hidden)
    var stopEach = false

    /// Whether none of the options was given.
    var isEmpty: Bool { checkpointLog == nil && killAt == nil && stopAt == nil && !stopEach }

    /// What to tell of every write and outside call; nil when none of the options was given.
    ///
    /// - Throws: `CeremonyError` when one was, and the site is live.
    func checkpoint(at site: Site) throws -> (any CheckpointPort)? {
        try checkpoint(in: site.mode, by: "the site")
    }

    /// The same where somebody else says which mode it is.
    func checkpoint(in mode: Mode, by whom: String) throws -> (any CheckpointPort)? {
        guard !isEmpty else { return nil }
        guard mode == .rehearsal else {
            throw CeremonyError(
                .invalidInput, "Only a rehearsal has checkpoints, and \(whom) says \(mode.rawValue)",
                remedy: "Leave out --kill-at, --stop-at and --checkpoint-log")
        }
        return SignalCheckpoint(log: checkpointLog, killAt: killAt, stopAt: stopAt, stopEach: stopEach)
    }
}

/// A checkpoint by its number, counted from 1, or the first of a name.
enum KillPoint: ExpressibleByArgument {
    case number(Int)
    case name(String)

    init(argument: String) { self = Int(argument).map { .number($0) } ?? .name(argument) }

    func isReached(at number: Int, _ name: String) -> Bool {
        switch self {
        case .number(let wanted): wanted == number
        case .name(let wanted): wanted == name
        }
    }
}

/// Counts the points it reaches, writes their names down, and signals this very process at the one it was told, or at each.
final class SignalCheckpoint: CheckpointPort {
    private let count = Mutex(0)
    private let log: String?
    private let killAt: KillPoint?
    private let stopAt: Int?
    private let stopEach: Bool

    init(log: String?, killAt: KillPoint?, stopAt: Int?, stopEach: Bool) {
        self.log = log
        self.killAt = killAt
        self.stopAt = stopAt
        self.stopEach = stopEach
    }

    func reached(_ point: String) {
        let number = count.withLock { count in
            count += 1
            return count
        }
        if let log { append(point + "\n", to: log) }
        if killAt?.isReached(at: number, point) == true { raise(SIGKILL) }
        if stopEach || number == stopAt { raise(SIGSTOP) }
    }

    private func append(_ text: String, to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
}
