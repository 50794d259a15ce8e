import CSpawn
package import Foundation
import Glibc

/// What a program did.
package struct ProcessOutcome: Sendable {
    package let status: Int32
    package let stdout: [UInt8]
    package let stderr: [UInt8]

    package var stdoutText: String { String(decoding: stdout, as: UTF8.self) }
    package var stderrText: String { String(decoding: stderr, as: UTF8.self) }
}

/// Runs a program to its end, with input and output of any size.
///
/// By posix_spawn(3), with every end of a pipe closed at once: Foundation's Process crashes from some 1,350 open files on.
///
/// - Parameters:
///   - program: An absolute path, or a name to be found in PATH.
///   - environment: The whole environment; nil for the tests' own.
///   - directory: Where it runs; nil for where the tests run.
/// - Returns: How it ended; a status below zero is the signal that ended it.
package func runProcess(
    _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil, input: [UInt8] = [],
    directory: URL? = nil
) async throws -> ProcessOutcome {
    let (stdin, stdout, stderr) = (try ClosingPipe(), try ClosingPipe(), try ClosingPipe())
    let pid = try spawn(
        [program] + arguments, environment: environment ?? inherited, directory: directory?.path,
        (stdin.reading, stdout.writing, stderr.writing))
    stdin.closeReading()
    stdout.closeWriting()
    stderr.closeWriting()
    // Each pipe has a reader or writer of its own, so that none can fill up while another is waited for.
    async let out = onThread { stdout.readToEnd() }
    async let err = onThread { stderr.readToEnd() }
    async let _ = onThread { stdin.writeAndClose(input) }
    let status = await onThread { wait(for: pid) }
    return ProcessOutcome(status: status, stdout: await out, stderr: await err)
}

/// Runs a command line to its end, in the tests' own environment.
///
/// - Parameter command: The program and its arguments; one at least.
package func runProcess(_ command: [String], input: [UInt8] = []) async throws -> ProcessOutcome {
    try await runProcess(command[0], Array(command.dropFirst()), input: input)
}

/// The tests' environment as it was first seen.
private let inherited = ProcessInfo.processInfo.environment

/// A pipe whose ends no other child inherits.
private final class ClosingPipe: @unchecked Sendable {
    // Unchecked: each end is used by one thread, and closed once.
    private var ends: [Int32] = [-1, -1]
    var reading: Int32 { ends[0] }
    var writing: Int32 { ends[1] }

    init() throws {
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    deinit {
        closeReading()
        closeWriting()
    }

    func closeReading() { close(0) }
    func closeWriting() { close(1) }

    func readToEnd() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(reading, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }

    /// A program that does not read its input ends the pipe; that is its business.
    func writeAndClose(_ bytes: [UInt8]) {
        signal(SIGPIPE, SIG_IGN)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        closeWriting()
    }

    private func close(_ end: Int) {
        if ends[end] >= 0 { Glibc.close(ends[end]) }
        ends[end] = -1
    }
}

/// Starts a program that inherits these three descriptors and no others.
func spawn(
    _ command: [String], environment: [String: String], directory: String?, _ ends: (Int32, Int32, Int32)
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends.0, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends.1, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends.2, STDERR_FILENO)
    // A server's socket that a child had inherited would go on listening after its server.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A child inherits what this process blocks and ignores; it shall begin with neither.
    var none = sigset_t()
    var broken = sigset_t()
    sigemptyset(&none)
    sigemptyset(&broken)
    sigaddset(&broken, SIGPIPE)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &broken)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let argv = command.map { strdup($0) } + [nil]
    let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid: pid_t = 0
    let result = posix_spawnp(&pid, command[0], &actions, &attributes, argv, envp)
    guard result == 0 else { throw POSIXError(.init(rawValue: result) ?? .EIO) }
    return pid
}

func wait(for pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : -signal
}

/// Blocking work on a thread of its own, so that the tests' few shared threads stay free.
func onThread<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}
