import CP11Kit
import Foundation
import Glibc
import Synchronization

/// A child process in a process group of its own, waited for by the thread that started it.
package final class ChildProcess: Sendable {
    package let processIdentifier: Int32
    private let running = Mutex(true)
    private let gone = DispatchSemaphore(value: 0)

    private init(pid: pid_t) { processIdentifier = pid }

    package var isRunning: Bool { running.withLock { $0 } }

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
            // PR_SET_PDEATHSIG means the *thread* that forked, and threads of a pool come and go.
            Thread.detachNewThread {
                do {
                    let child = ChildProcess(pid: try launch(arguments, environment: environment, output: output))
                    continuation.resume(returning: child)
                    child.reap()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Kills it with its process group, and waits until it is gone. Harmless when it already is.
    package func kill() {
        running.withLock { running in
            if running { _ = Glibc.kill(-processIdentifier, SIGKILL) }
        }
        gone.wait()
        gone.signal()
    }

    private func reap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        running.withLock { running in
            // Until it is reaped its number cannot be another's: end what is left of the group now.
            _ = Glibc.kill(-processIdentifier, SIGKILL)
            var status: Int32 = 0
            while waitpid(processIdentifier, &status, 0) < 0, errno == EINTR {}
            running = false
        }
        gone.signal()
    }

    private static func launch(_ arguments: [String], environment: [String: String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)

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
