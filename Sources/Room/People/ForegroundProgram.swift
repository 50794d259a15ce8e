import CSpawn
import Foundation
import Glibc

/// A program that people use at this process's terminal: it may ask them there, and reads and prints little.
struct ForegroundProgram: Sendable {
    /// What became of a program that was of no use, as the end of a sentence about it.
    enum Failure: Error, CustomStringConvertible {
        case notStarted(reason: String)
        case tooMuch
        /// This process was told to end meanwhile.
        case interrupted
        case ended(status: Int32)
        case killed(signal: Int32)

        var description: String {
            switch self {
            case .notStarted(let reason): "could not be started: \(reason)"
            case .tooMuch: "printed more than \(limit) bytes and was killed"
            case .interrupted: "was ended, since this program was told to end"
            case .ended(let status): "ended with status \(status)"
            case .killed(let signal): "was ended by signal \(signal)"
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
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
        let signal = raw & 0x7F
        guard signal == 0 else { throw Failure.killed(signal: signal) }
        let status = (raw >> 8) & 0xFF
        guard status == 0 else { throw Failure.ended(status: status) }
    }

    private func launch(reading: Int32, writing: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, reading, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, writing, STDOUT_FILENO)
        // No token server's socket, no ceremony's file.
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Ctrl-C and a terminal that is gone end it, though this process takes them for events.
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        sigfillset(&usual)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let command = ["/usr/bin/setpriv", "--pdeathsig", "KILL"] + command
        let argv = command.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
        guard result == 0 else { throw Failure.notStarted(reason: String(cString: strerror(result))) }
        return pid
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
