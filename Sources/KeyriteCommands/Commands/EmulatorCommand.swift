import ArgumentParser
import Ceremony
import Dispatch
import Glibc
import KMSEmulator
import Room

struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator", abstract: "The embedded KMS, for any AWS client, on this machine alone.")

    @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "address:port"))
    var listen = "127.0.0.1:0"

    /// The line that tells who listens where.
    private struct Greeting: Encodable {
        let endpoint: String
        let account: String
        let pid: Int32
    }

    func run() async throws {
        var configuration = EmulatorConfiguration(credentials: try RehearsalCredentials.make())
        (configuration.host, configuration.port) = try address()
        let emulator = KMSEmulator(configuration: configuration)
        let serving = Task {
            try await emulator.run { listening in
                let greeting = Greeting(endpoint: listening.endpoint, account: listening.account, pid: getpid())
                try? Output.json(greeting)
            }
        }
        let sources = [SIGTERM, SIGINT].map { Self.cancel(serving, on: $0) }
        defer { sources.forEach { $0.cancel() } }
        do { try await serving.value } catch is CancellationError {}
    }

    private func address() throws -> (host: String, port: Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65535).contains(port)
        else {
            throw CeremonyError(
                .invalidInput, "\(listen) is no address and port", remedy: "Write it as 127.0.0.1:PORT")
        }
        return (String(listen[..<colon]), port)
    }

    private static func cancel(_ task: Task<Void, any Error>, on number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { task.cancel() }
        source.resume()
        return source
    }
}
