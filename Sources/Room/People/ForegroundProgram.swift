import CSpawn
import Foundation
import Glibc
package import Processes

/// A program that people use at this process's terminal: it may ask them there, and reads and prints little.
package struct ForegroundProgram: Sendable {
    /// What became of a program that was of no use, as the end of a sentence about it.
    package enum Failure: Error, CustomStringConvertible {
        case notStarted(reason: String)
        case tooMuch
        /// This process was told to end meanwhile.
        case interrupted
        /// With the last of what it wrote to standard error.
        case ended(ProcessEnding, said: String)

        package var description: String {
            switch self {
            case .notStarted(let reason): "could not be started: \(reason)"
            case .tooMuch: "printed more than \(limit) bytes and was killed"
            case .interrupted: "was ended, since this program was told to end"
            case .ended(let ending, _): "\(ending)"
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
    private let isInterrupted: @Sendable () -> Bool

    /// - Parameters:
    ///   - command: The program's absolute path, and its arguments.
    ///   - environment: Its whole environment.
    ///   - isOver: Whether nobody waits for its output any more; then it is killed.
    ///   - isInterrupted: Whether somebody pressed Ctrl-C meanwhile; then it is told so until it ends.
    package init(
        _ command: [String], environment: [String: String], isOver: @escaping @Sendable () -> Bool = { false },
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) {
        self.command = command
        self.environment = environment
        self.isOver = isOver
        self.isInterrupted = isInterrupted
    }

    /// Runs it to its end, however long people take. It is in the terminal's foreground with this process, and ends with it.
    ///
    /// - Parameter input: What it reads.
    /// - Returns: What it printed on standard output; what it writes to standard error goes on to this process's at once.
    /// - Throws: `Failure`.
    package func output(of input: [UInt8]) async throws -> [UInt8] {
        // A thread of its own: the program ends with the thread that started it.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try run(input) }) }
        }
    }

    private func run(_ input: [UInt8]) throws -> [UInt8] {
        let (stdout, stderr) = (try Pipe(), try Pipe())
        let stdin = try Self.file(holding: input)
        defer { close(stdin) }
        let pid = try launch(reading: stdin, writing: stdout.writing, telling: stderr.writing)
        for pipe in [stdout, stderr] { pipe.closeWriting() }
        var said = Said(from: stderr)
        let result = Result {
            try Self.output(
                of: stdout,
                until: {
                    // The terminal told it once. What comes between a question and its reading is lost to OpenSSH's readpassphrase,
                    // which then waits on.
                    if isInterrupted() { kill(pid, SIGINT) }
                    return isOver()
                }, &said)
        }
        if case .failure = result { kill(pid, SIGKILL) }
        let ending = ProcessEnding.reap(pid)
        // What it wrote last is there; the end of it need not be, where it left something running.
        while said.takes(within: 0) {}
        let output = try result.get()
        guard let ending, ending != .exited(status: 0) else { return output }
        throw Failure.ended(ending, said: said.text)
    }

    /// Everything until its end.
    private static func output(of pipe: Pipe, until isOver: () -> Bool, _ said: inout Said) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            guard !isOver() else { throw Failure.interrupted }
            var watched = [pipe, said.pipe].map { pollfd(fd: $0.reading, events: Int16(POLLIN), revents: 0) }
            guard poll(&watched, 2, glance) > 0 else { continue }
            if watched[1].revents != 0 { said.take() }
            guard watched[0].revents != 0, let piece = pipe.read() else { continue }
            guard !piece.isEmpty else { return bytes }
            bytes += piece
        }
        throw Failure.tooMuch
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

    /// Ctrl-C and a terminal that is gone end it, though this process takes them for events: it is in the same group.
    private func launch(reading: Int32, writing: Int32, telling: Int32) throws -> pid_t {
        do {
            return try Launch(
                command, environment: environment, input: .copy(of: reading), output: .copy(of: writing),
                errors: .copy(of: telling), hasOwnGroup: false
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

        /// What is there; nothing at its end, nil when a signal came first.
        func read() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 1 << 12)
            let count = Glibc.read(reading, &buffer, buffer.count)
            if count < 0, errno == EINTR { return nil }
            return Array(buffer.prefix(max(0, count)))
        }
    }

    /// What a program writes to standard error: it goes on to people, and its last words are kept.
    private struct Said {
        private static let limit = 4 << 10

        let pipe: Pipe
        private var bytes: [UInt8] = []

        init(from pipe: Pipe) { self.pipe = pipe }

        var text: String { String(decoding: bytes, as: UTF8.self) }

        /// - Returns: Whether something came; at its end nothing does any more.
        @discardableResult
        mutating func take() -> Bool {
            guard let piece = pipe.read() else { return true }
            guard !piece.isEmpty else {
                // Nobody waits for it any more: poll leaves out what is closed.
                pipe.close()
                return false
            }
            var rest = piece[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            bytes = Array((bytes + piece).suffix(Self.limit))
            return true
        }

        /// - Parameter milliseconds: How long it is waited for.
        mutating func takes(within milliseconds: Int32) -> Bool {
            var watched = pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0)
            return poll(&watched, 1, milliseconds) > 0 && take()
        }
    }
}
