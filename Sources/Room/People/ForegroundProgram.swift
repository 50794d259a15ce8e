import CSpawn
import Foundation
import Glibc
import Processes

/// A program that people use at this process's terminal: it may ask them there, and reads and prints little.
struct ForegroundProgram: Sendable {
    /// What became of a program that was of no use, as the end of a sentence about it.
    enum Failure: Error, CustomStringConvertible {
        case notStarted(reason: String)
        case tooMuch
        /// This process was told to end meanwhile.
        case interrupted
        case ended(ProcessEnding)

        var description: String {
            switch self {
            case .notStarted(let reason): "could not be started: \(reason)"
            case .tooMuch: "printed more than \(limit) bytes and was killed"
            case .interrupted: "was ended, since this program was told to end"
            case .ended(let ending): "\(ending)"
            }
        }
    }

    /// The most bytes that it prints.
    private static let limit = 16 << 10
    /// How long its output is waited for at a time, in milliseconds.
    private static let glance: Int32 = 200

    private let command: [String]
    private let environment: [String: String]
    private let isOver: @Sendable () -> Bool

    /// - Parameters:
    ///   - command: The program's absolute path, and its arguments.
    ///   - environment: Its whole environment.
    ///   - isOver: Whether nobody waits for its output any more; then it is killed.
    init(_ command: [String], environment: [String: String], isOver: @escaping @Sendable () -> Bool) {
        self.command = command
        self.environment = environment
        self.isOver = isOver
    }

    /// Runs it to its end, however long people take. It is in the terminal's foreground with this process, and ends with it.
    ///
    /// - Parameter input: What it reads.
    /// - Returns: What it printed on standard output; its standard error is this process's.
    /// - Throws: `Failure`.
    func output(of input: [UInt8]) async throws -> [UInt8] {
        // A thread of its own: the program ends with the thread that started it.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try run(input) }) }
        }
    }

    private func run(_ input: [UInt8]) throws -> [UInt8] {
        let stdout = try Pipe()
        let stdin = try Self.file(holding: input)
        defer { close(stdin) }
        let pid = try launch(reading: stdin, writing: stdout.writing)
        stdout.closeWriting()
        let result = Result { try stdout.read(limit: Self.limit, until: isOver) }
        if case .failure = result { kill(pid, SIGKILL) }
        let ending = Result { try Self.wait(for: pid) }
        let output = try result.get()
        try ending.get()
        return output
    }

    /// A file in memory alone, which nobody has to wait for, however long the message is.
    private static func file(holding input: [UInt8]) throws -> Int32 {
        let file = memfd_create("message", UInt32(MFD_CLOEXEC))
        guard file >= 0 else { throw Failure.notStarted(reason: String(cString: strerror(errno))) }
        let written = input.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard written == input.count, lseek(file, 0, SEEK_SET) == 0 else {
            let reason = String(cString: strerror(errno))
            close(file)
            throw Failure.notStarted(reason: reason)
        }
        return file
    }

    private static func wait(for pid: pid_t) throws {
        let ending = ProcessEnding.reap(pid)
        guard let ending, ending != .exited(status: 0) else { return }
        throw Failure.ended(ending)
    }

    /// Ctrl-C and a terminal that is gone end it, though this process takes them for events: it is in the same group.
    private func launch(reading: Int32, writing: Int32) throws -> pid_t {
        do {
            return try Launch(
                command, environment: environment, input: .copy(of: reading), output: .copy(of: writing),
                errors: .inherited, hasOwnGroup: false
            ).endingWithThread().start()
        } catch {
            throw Failure.notStarted(reason: error.reason)
        }
    }

    /// A pipe that no other child inherits, used by one thread.
    private final class Pipe {
        private var ends: [Int32] = [-1, -1]
        var reading: Int32 { ends[0] }
        var writing: Int32 { ends[1] }

        init() throws {
            guard pipe2(&ends, O_CLOEXEC) == 0 else {
                throw Failure.notStarted(reason: String(cString: strerror(errno)))
            }
        }

        deinit { close() }

        func close() {
            if ends[0] >= 0 { Glibc.close(ends[0]) }
            ends[0] = -1
            closeWriting()
        }

        func closeWriting() {
            if ends[1] >= 0 { Glibc.close(ends[1]) }
            ends[1] = -1
        }

        /// Everything until its end.
        func read(limit: Int, until isOver: () -> Bool) throws -> [UInt8] {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 12)
            while bytes.count <= limit {
                guard !isOver() else { throw Failure.interrupted }
                var wanted = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
                guard poll(&wanted, 1, ForegroundProgram.glance) > 0 else { continue }
                let count = Glibc.read(reading, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return bytes }
                bytes += buffer.prefix(count)
            }
            throw Failure.tooMuch
        }
    }
}
