import AWS
import TestSupport
import Testing

/// ministack (PyPI), an emulator that nobody here wrote, in a process of its own on a loopback port.
enum MiniStack {
    /// Starts it, waits until it answers, and ends it after `body`.
    static func running(_ body: (AWSClient.Configuration) async throws -> Void) async throws {
        try await Scratch.using { scratch in
            let environment = Python.environment(in: scratch).merging([
                "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0",
            ]) {
                $1
            }
            try await LoopbackServer.running(
                [try Python.path(), "-c", program], environment: environment, in: scratch.folder
            ) { server, port in
                var configuration = AWSClient.Configuration(
                    credentials: try Credentials.example(), region: try Region("eu-central-1"),
                    endpoint: try Endpoint("http://127.0.0.1:\(port)"))
                // It makes its RSA keys in Python.
                configuration.attemptTimeout = 120
                try await untilItAnswers(configuration, server)
                try await body(configuration)
            }
        }
    }

    /// It takes a port that is free, and that no outgoing connection is given before it listens: below 32768, where Linux
    /// begins to give them out. However the test's process ends, this one does not outlive nine minutes.
    private static let program = """
        import os, random, runpy, signal, socket
        signal.alarm(540)
        while True:
            port = random.randrange(10000, 32000)
            with socket.socket() as trial:
                try:
                    trial.bind(("127.0.0.1", port))
                    break
                except OSError:
                    pass
        os.environ["GATEWAY_PORT"] = str(port)
        print(port, flush=True)
        runpy.run_module("ministack", run_name="__main__")
        """

    private static func untilItAnswers(_ configuration: AWSClient.Configuration, _ server: LoopbackServer) async throws
    {
        let client = try KMSClient(configuration)
        let deadline = ContinuousClock.now + .seconds(180)
        while true {
            do {
                _ = try await client.listAliases(.init())
                return
            } catch AWSError.unreachable where server.isRunning && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                Issue.record("ministack does not answer: \(error)\n\(server.lastWords)")
                throw error
            }
        }
    }
}
