package import Foundation
import Glibc
import Synchronization

/// A program that serves on a loopback port of its own choice while a test needs it.
///
/// It inherits nothing of the tests' process: a listening socket of another test would go on listening in it.
package final class LoopbackServer: Sendable {
    private let pid: pid_t
    private let files: (output: URL, log: URL)
    /// Whether it was waited for, after which its id may be another's.
    private let ended = Mutex(false)

    private init(_ command: [String], environment: [String: String], in folder: URL) throws {
        files = (folder.appending(path: "port"), folder.appending(path: "server.log"))
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        let ends = [files.output, files.log].map { open($0.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600) }
        defer { ([input] + ends).forEach { close($0) } }
        pid = try spawn(command, environment: environment, directory: folder.path, (input, ends[0], ends[1]))
    }

    /// Starts it, waits for the line with its port, and ends it after `body`.
    ///
    /// - Parameters:
    ///   - command: The program's path and arguments. It prints its port when it answers there, or is about to.
    ///   - environment: The whole environment.
    ///   - folder: Where it runs and its output goes.
    /// - Throws: `Unanswering` when it ends, or three minutes pass, without a port; what `body` throws.
    package static func running(
        _ command: [String], environment: [String: String], in folder: URL,
        _ body: (LoopbackServer, Int) async throws -> Void
    ) async throws {
        let server = try LoopbackServer(command, environment: environment, in: folder)
        do {
            try await body(server, try await server.port())
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    package var isRunning: Bool {
        ended.withLock { ended in
            if !ended { ended = waitpid(pid, nil, WNOHANG) != 0 }
            return !ended
        }
    }

    /// What it said of itself last.
    package var lastWords: String {
        String(((try? String(contentsOf: files.log, encoding: .utf8)) ?? "").suffix(2_000))
    }

    private func port() async throws -> Int {
        let deadline = ContinuousClock.now + .seconds(180)
        while isRunning, ContinuousClock.now < deadline {
            let lines = try String(contentsOf: files.output, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            if lines.count > 1, let port = Int(lines[0]) { return port }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Unanswering(description: "the server named no port: \(lastWords)")
    }

    private func end() async {
        await onThread {
            self.ended.withLock { ended in
                guard !ended else { return }
                kill(self.pid, SIGTERM)
                _ = wait(for: self.pid)
                ended = true
            }
        }
    }

    package struct Unanswering: Error, CustomStringConvertible {
        package let description: String
    }
}
