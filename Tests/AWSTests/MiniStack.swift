import AWS
import Foundation
import NIOCore
import NIOPosix
import Testing

/// ministack (PyPI), an emulator that nobody here wrote, in a process of its own on a loopback port.
enum MiniStack {
    /// Starts it, waits until it answers, and ends it after `body`.
    static func running(_ body: (AWSClient.Configuration) async throws -> Void) async throws {
        try await Scratch.using { scratch in
            let port = try await freePort()
            let process = try start(port: port, in: scratch)
            do {
                var configuration = AWSClient.Configuration(
                    credentials: try Credentials.example(), region: try Region("eu-central-1"),
                    endpoint: try Endpoint("http://127.0.0.1:\(port)"))
                // It makes its RSA keys in Python.
                configuration.attemptTimeout = 120
                try await untilItAnswers(configuration, process, scratch)
                try await body(configuration)
            } catch {
                await end(process)
                throw error
            }
            await end(process)
        }
    }

    /// A child of Foundation's Process starts with SIGALRM and SIGTERM blocked. However the test's process ends, this one
    /// does not outlive nine minutes.
    private static let program = """
        import runpy, signal
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        signal.alarm(540)
        runpy.run_module("ministack", run_name="__main__")
        """

    private static func start(port: Int, in scratch: Scratch) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: try Python.path())
        process.arguments = ["-c", program]
        process.currentDirectoryURL = scratch.folder
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": scratch.folder.path, "TMPDIR": scratch.folder.path,
            "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "GATEWAY_PORT": String(port),
        ]
        let log = scratch.folder.appending(path: "ministack.log")
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, output)
        try process.run()
        return process
    }

    private static func untilItAnswers(
        _ configuration: AWSClient.Configuration, _ process: Process, _ scratch: Scratch
    ) async throws {
        let client = try KMSClient(configuration)
        let deadline = ContinuousClock.now + .seconds(180)
        while true {
            do {
                _ = try await client.listAliases(.init())
                return
            } catch AWSError.unreachable where process.isRunning && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                let log = (try? String(contentsOfFile: scratch.path("ministack.log"), encoding: .utf8)) ?? ""
                Issue.record("ministack does not answer: \(error)\n\(log.suffix(2_000))")
                throw error
            }
        }
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

    /// A port that is free, and that no outgoing connection is given before the server has it: below 32768, where Linux
    /// begins to give them out.
    private static func freePort() async throws -> Int {
        while true {
            let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            guard
                let channel = try? await bootstrap.bind(host: "127.0.0.1", port: .random(in: 10_000..<32_000)).get(),
                let port = channel.localAddress?.port
            else { continue }
            try await channel.close()
            return port
        }
    }
}
