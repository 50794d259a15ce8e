import Foundation
import Glibc
import Synchronization

/// A child process in a process group of its own, waited for by the thread that started it.
package final class ChildProcess: Sendable {
    package let processIdentifier: Int32
    private let end = Mutex<ProcessEnding?>(nil)
    private let gone = DispatchSemaphore(value: 0)

    private init(pid: pid_t) { processIdentifier = pid }

    package var isRunning: Bool { ending == nil }
    /// How it ended; nil while it runs.
    package var ending: ProcessEnding? { end.withLock { $0 } }

    /// Starts a program that ends with this process, however that ends.
    ///
    /// - Parameters:
    ///   - arguments: The program's absolute path, and its arguments.
    ///   - environment: Its whole environment.
    ///   - output: A file for what it prints, standard error too; what was there is overwritten.
    /// - Throws: `ProcessFailure` when it cannot be started.
    package static func spawn(
        _ arguments: [String], environment: [String: String], output: String
    ) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            spawn(arguments, environment: environment, output: output, passing: nil) { continuation.resume(with: $0) }
        }
    }

    /// The same for a thread that may wait, with a descriptor for the program that nothing else inherits.
    ///
    /// - Parameter descriptor: Is the program's `Launch.passedDescriptor`; this process's own is the caller's to close.
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
            throw ProcessFailure(arguments[0], "a thread to start it with", code: EAGAIN)
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
                    pid: try Launch(
                        arguments, environment: environment, output: .file(output), errors: .output,
                        passing: descriptor, hasOwnGroup: true
                    ).endingWithThread().start())
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
        var looked: Int32
        repeat {
            looked = waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT)
        } while looked != 0 && errno == EINTR
        let code = errno
        end.withLock { end in
            guard looked == 0 else {
                // Its number may be another's already: nothing is killed by it.
                end = .untold(code: code)
                return
            }
            // Until it is reaped its number cannot be another's: end what is left of the group now.
            _ = Glibc.kill(-processIdentifier, SIGKILL)
            end = ProcessEnding.reap(processIdentifier)
        }
        gone.signal()
    }
}
