import CSpawn
import CryptoPrimitives
import Foundation
import Glibc

/// One run of a program that prints a secret: bounded in time, with nothing of ours open in it.
struct ProgramRun: Sendable {
    /// What became of a program that was of no use, as the end of a sentence about it.
    enum Failure: Error, CustomStringConvertible {
        case notStarted(reason: String)
        case tooLate(seconds: Double)
        case tooMuch(bytes: Int)
        case ended(status: Int32)
        case killed(signal: Int32)

        var description: String {
            switch self {
            case .notStarted(let reason): "could not be started: \(reason)"
            case .tooLate(let seconds): "did not end within \(Int(seconds.rounded(.up))) s and was killed"
            case .tooMuch(let bytes): "printed more than \(bytes) bytes and was killed"
            case .ended(let status): "ended with status \(status)"
            case .killed(let signal): "was ended by signal \(signal)"
            }
        }
    }

    /// The program, looked for in PATH, and its arguments.
    let command: [String]
    /// From start to end, in seconds.
    let timeout: Double

    /// Session tokens have some thousand bytes.
    private static let limit = 64 << 10
    /// How long the program's end or more output is waited for at a time, in milliseconds.
    private static let glance: Int32 = 10

    /// Runs it and blocks this thread until it ends.
    ///
    /// - Returns: What it printed on standard output.
    /// - Throws: `Failure`; `CryptoError` when memory cannot be locked.
    func output() throws -> SecretBytes {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Failure.notStarted(reason: String(cString: strerror(errno))) }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(reading) }
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        let child: Child
        do {
            defer { close(writing) }
            child = try Child(command, output: writing)
        }
        defer { child.end() }
        let deadline = ContinuousClock.now + .seconds(timeout)
        let output = try SecretBytes(capacity: Self.limit) { buffer in
            try Self.read(reading, into: buffer, until: child, deadline, timeout)
        }
        switch child.status {
        case .exited(0): return output
        case .exited(let status): throw Failure.ended(status: status)
        case .killed(let signal): throw Failure.killed(signal: signal)
        case nil: throw Failure.tooLate(seconds: timeout)
        }
    }

    /// Reads until the program has ended, which a grandchild that keeps the pipe open does not put off.
    private static func read(
        _ end: Int32, into buffer: UnsafeMutableRawBufferPointer, until child: Child,
        _ deadline: ContinuousClock.Instant, _ timeout: Double
    ) throws -> Int {
        var count = 0
        var isOpen = true
        while true {
            // In this order: what it printed before its end is in the pipe by then.
            let hasEnded = child.hasEnded()
            while isOpen {
                guard count < buffer.count else { throw Failure.tooMuch(bytes: limit) }
                let got = Glibc.read(end, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got > 0 {
                    count += got
                } else if got < 0, errno == EINTR {
                    continue
                } else {
                    isOpen = got < 0 && errno == EAGAIN
                    break
                }
            }
            if hasEnded { return count }
            guard ContinuousClock.now < deadline else { throw Failure.tooLate(seconds: timeout) }
            var wanted = pollfd(fd: isOpen ? end : -1, events: Int16(POLLIN), revents: 0)
            _ = poll(&wanted, 1, glance)
        }
    }
}

/// A child process in a process group of its own, waited for by one thread.
private final class Child {
    enum Status: Equatable {
        case exited(Int32)
        case killed(Int32)
    }

    private(set) var status: Status?
    private let pid: pid_t

    /// - Parameter output: What its standard output is; it reads nothing, and its standard error goes nowhere.
    init(_ command: [String], output: Int32) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        // No token server's socket, no ceremony's lock.
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A child inherits what this process blocks and ignores; it shall begin with neither.
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        sigfillset(&usual)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let argv = command.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, command[0], &actions, &attributes, argv, cspawn_environment())
        guard result == 0 else {
            throw ProgramRun.Failure.notStarted(reason: String(cString: strerror(result)))
        }
        self.pid = pid
    }

    /// Looks whether it has ended, without waiting.
    func hasEnded() -> Bool {
        if status == nil { reap(WNOHANG) }
        return status != nil
    }

    /// Kills it if it still runs, with its process group, and waits for it.
    func end() {
        guard status == nil else { return }
        _ = kill(-pid, SIGKILL)
        reap(0)
    }

    private func reap(_ options: Int32) {
        var raw: Int32 = 0
        var found: pid_t
        repeat { found = waitpid(pid, &raw, options) } while found < 0 && errno == EINTR
        guard found == pid else { return }
        let signal = raw & 0x7F
        status = signal == 0 ? .exited((raw >> 8) & 0xFF) : .killed(signal)
    }
}
