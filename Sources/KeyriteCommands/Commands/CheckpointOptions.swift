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

/// A checkpoint by its number, counted from 1; the first of a name; or by where it stands between the lines that are
/// journaled, as LINES/TIMES/NAME: once so many lines were journaled (other than run-started), the how-manieth of that name.
enum KillPoint: ExpressibleByArgument {
    case number(Int)
    case name(String)
    case afterLines(Int, times: Int, name: String)

    init(argument: String) {
        let parts = argument.split(separator: "/", maxSplits: 2)
        if parts.count == 3, let lines = Int(parts[0]), let times = Int(parts[1]) {
            self = .afterLines(lines, times: times, name: String(parts[2]))
        } else {
            self = Int(argument).map { .number($0) } ?? .name(argument)
        }
    }
}

/// What a process has gone through.
private struct Passed {
    private(set) var count = 0
    private var lines = 0
    /// How often each point came since the last of those lines.
    private var times: [String: Int] = [:]

    mutating func add(_ point: String) {
        count += 1
        if point.hasPrefix("after journal "), point != "after journal \(EventKind.runStarted.rawValue)" {
            lines += 1
            times = [:]
        }
        times[point, default: 0] += 1
    }

    /// Whether what was added last is this one.
    func isNow(at wanted: KillPoint, _ point: String) -> Bool {
        switch wanted {
        case .number(let number): number == count
        case .name(let name): name == point
        case .afterLines(let lines, let times, let name):
            lines == self.lines && name == point && times == self.times[point]
        }
    }
}

/// Counts the points it reaches, writes their names down, and signals this very process at the one it was told, or at each.
final class SignalCheckpoint: CheckpointPort {
    private let passed = Mutex(Passed())
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
        let (number, isLast) = passed.withLock { passed in
            passed.add(point)
            return (passed.count, killAt.map { passed.isNow(at: $0, point) } ?? false)
        }
        if let log { append(point + "\n", to: log) }
        if isLast { raise(SIGKILL) }
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
