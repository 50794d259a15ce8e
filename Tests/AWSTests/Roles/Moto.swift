import AWS
import Foundation
import Testing

/// moto (PyPI), an emulator that nobody here wrote, with its STS, in a process of its own on a loopback port.
enum Moto {
    /// A child of Foundation's Process starts with SIGALRM and SIGTERM blocked. However the test's process ends, this one
    /// does not outlive nine minutes.
    private static let program = """
        import signal
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        signal.alarm(540)
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print(server.get_host_and_port()[1], flush=True)
        signal.pause()
        """

    static func running(_ body: (Endpoint) async throws -> Void) async throws {
        try await Scratch.using { scratch in
            let process = Process()
            process.executableURL = URL(filePath: try Python.path())
            process.arguments = ["-c", program]
            process.currentDirectoryURL = scratch.folder
            process.environment = [
                "PATH": "/usr/bin:/bin", "HOME": scratch.folder.path, "TMPDIR": scratch.folder.path,
            ]
            let (output, log) = (scratch.folder.appending(path: "port"), scratch.folder.appending(path: "moto.log"))
            for file in [output, log] { try Data().write(to: file) }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: log)
            try process.run()
            do {
                try await body(try Endpoint("http://127.0.0.1:\(try await port(in: output, of: process, log))"))
            } catch {
                await end(process)
                throw error
            }
            await end(process)
        }
    }

    private static func port(in output: URL, of process: Process, _ log: URL) async throws -> Int {
        let deadline = ContinuousClock.now + .seconds(180)
        while process.isRunning, ContinuousClock.now < deadline {
            if let port = Int(try String(contentsOf: output, encoding: .utf8).split(separator: "\n").first ?? "") {
                return port
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("moto does not answer: \(text(log))")
        throw CancellationError()
    }

    private static func text(_ log: URL) -> String {
        String(((try? String(contentsOf: log, encoding: .utf8)) ?? "").suffix(2_000))
    }

    private static func end(_ process: Process) async {
        process.terminate()
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                process.waitUntilExit()
                continuation.resume()
            }
        }
    }
}
