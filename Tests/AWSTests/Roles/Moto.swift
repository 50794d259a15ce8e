import AWS
import TestSupport
import Testing

/// moto (PyPI), an emulator that nobody here wrote, with its STS, in a process of its own on a loopback port.
enum Moto {
    /// However the test's process ends, this one does not outlive nine minutes.
    private static let program = """
        import signal
        signal.alarm(540)
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print(server.get_host_and_port()[1], flush=True)
        signal.pause()
        """

    static func running(_ body: (Endpoint) async throws -> Void) async throws {
        try await Scratch.using { scratch in
            let command = [try Python.path(), "-c", program]
            try await LoopbackServer.running(
                command, environment: Python.environment(in: scratch), in: scratch.folder
            ) { _, port in
                try await body(try Endpoint("http://127.0.0.1:\(port)"))
            }
        }
    }
}
