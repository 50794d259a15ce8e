import CSpawn
import CryptoPrimitives
import Foundation
import Glibc
import Processes

/// One run of a program that prints a secret: bounded in time, with nothing of ours open in it.
struct ProgramRun: Sendable {
    /// What became of a program that was of no use, as the end of a sentence about it.
    enum Failure: Error, CustomStringConvertible {
        case notStarted(reason: String)
        case tooLate(seconds: Double)
        case tooMuch(bytes: Int)
        case ended(ProcessEnding)

        var description: String {
            switch self {
            case .notStarted(let reason): "could not be started: \(reason)"
            case .tooLate(let seconds): "did not end within \(Int(seconds.rounded(.up))) s and was killed"
            case .tooMuch(let bytes): "printed more than \(bytes) bytes and was killed"
            case .ended(let ending): "\(ending)"
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
        guard fcntl(reading, F_SETFL, O_NONBLOCK) == 0 else {
            let reason = String(cString: strerror(errno))
            close(writing)
            throw Failure.notStarted(reason: reason)
        }
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
        guard let ending = child.ending else { throw Failure.tooLate(seconds: timeout) }
        guard ending == .exited(status: 0) else { throw Failure.ended(ending) }
        return output
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
    private(set) var ending: ProcessEnding?
    private let pid: pid_t

    /// - Parameter output: What its standard output is; it reads nothing, and its standard error goes nowhere.
    init(_ command: [String], output: Int32) throws {
        do {
            pid = try Launch(command, output: .copy(of: output), errors: .nothing, hasOwnGroup: true).start()
        } catch {
            throw ProgramRun.Failure.notStarted(reason: error.reason)
        }
    }

    /// Looks whether it has ended, without waiting.
    func hasEnded() -> Bool {
        if ending == nil { ending = ProcessEnding.reap(pid, waits: false) }
        return ending != nil
    }

    /// Kills it if it still runs, with its process group, and waits for it.
    func end() {
        guard ending == nil else { return }
        _ = kill(-pid, SIGKILL)
        ending = ProcessEnding.reap(pid)
    }
}
