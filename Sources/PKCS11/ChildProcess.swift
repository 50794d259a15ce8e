import CP11Kit
import Foundation
import Glibc
import Synchronization

/// A child process in a process group of its own, waited for by the thread that started it.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Ending: Hashable, Sendable, CustomStringConvertible {
        case exited(status: Int32)
        case killed(signal: Int32)

        package var description: String {
            switch self {
            case .exited(let status): "ended with status \(status)"
            case .killed(let signal): "was ended by signal \(signal)"
            }
        }
    }

    /// The descriptor by which a child has what `spawnBlocking` passed on to it.
    package static let passedDescriptor: Int32 = 3

    package let processIdentifier: Int32
    private let end = Mutex<Ending?>(nil)
    private let gone = DispatchSemaphore(value: 0)

    private init(pid: pid_t) { processIdentifier = pid }

    package var isRunning: Bool { ending == nil }
    /// How it ended; nil while it runs.
    package var ending: Ending? { end.withLock { $0 } }

    /// Starts a program that ends with this process, however that ends.
    ///
    /// - Parameters:
    ///   - arguments: The program's absolute path, and its arguments.
    ///   - environment: Its whole environment.
    ///   - output: A file for what it prints, standard error too; what was there is overwritten.
    /// - Throws: `PKCS11Error` when it cannot be started.
    package static func spawn(
        _ arguments: [String], environment: [String: String], output: String
    ) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            spawn(arguments, environment: environment, output: output, passing: nil) { continuation.resume(with: $0) }
        }
    }

    /// The same for a thread that may wait, with a descriptor for the program that nothing else inherits.
    ///
    /// - Parameter descriptor: Is the program's `passedDescriptor`; this process's own is the caller's to close.
    package static func spawnBlocking(
        _ arguments: [String], environment: [String: String], output: String, passing descriptor: Int32
    ) throws -> ChildProcess {
        let made = Mutex<Result<ChildProcess, any Error>?>(nil)
        let isMade = DispatchSemaphore(value: 0)
        spawn(arguments, environment: environment, output: output, passing: descriptor) { result in
            made.withLock { $0 = result }
            isMade.signal()
        }
        isMade.wait()
        guard let result = made.withLock(\.self) else {
            throw PKCS11Error("starting \(arguments[0])", .system("no thread started it"))
        }
        return try result.get()
    }

    /// PR_SET_PDEATHSIG means the *thread* that forked, and threads of a pool come and go: this one stays.
    private static func spawn(
        _ arguments: [String], environment: [String: String], output: String, passing descriptor: Int32?,
        _ then: @escaping @Sendable (Result<ChildProcess, any Error>) -> Void
    ) {
        Thread.detachNewThread {
            let started = Result {
                ChildProcess(
                    pid: try launch(arguments, environment: environment, output: output, passing: descriptor))
            }
            then(started)
            try? started.get().reap()
        }
    }

    /// Kills it with its process group, and waits until it is gone. Harmless when it already is.
    package func kill() {
        end.withLock { end in
            if end == nil { _ = Glibc.kill(-processIdentifier, SIGKILL) }
        }
        gone.wait()
        gone.signal()
    }

    private func reap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        end.withLock { end in
            // Until it is reaped its number cannot be another's: end what is left of the group now.
            _ = Glibc.kill(-processIdentifier, SIGKILL)
            var status: Int32 = 0
            while waitpid(processIdentifier, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            end = signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .killed(signal: signal)
        }
        gone.signal()
    }

    private static func launch(
        _ arguments: [String], environment: [String: String], output: String, passing descriptor: Int32?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // First, so that nothing is opened in its place; a descriptor that is that one already is let through too.
        if let descriptor { posix_spawn_file_actions_adddup2(&actions, descriptor, passedDescriptor) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, (descriptor == nil ? STDERR_FILENO : passedDescriptor) + 1)

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
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        // The child dies with the thread that started it, which is the one that waits for it.
        let command = ["/usr/bin/setpriv", "--pdeathsig", "KILL"] + arguments
        let argv = command.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
        guard result == 0 else {
            throw PKCS11Error(
                "starting \(arguments[0])", .system("\(command[0]): \(String(cString: strerror(result)))"),
                remedy: "Install the package util-linux.")
        }
        return pid
    }
}
