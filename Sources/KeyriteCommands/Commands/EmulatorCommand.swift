import AWS
import ArgumentParser
import Ceremony
import Dispatch
import Evidence
import Glibc
import KMSEmulator
import Room

struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator",
        abstract: "The embedded KMS, for any AWS client, on this machine alone.",
        discussion: """
            It serves KMS as AWS does for imported key material: states, wrapping, rotation on demand, expiry, aliases, \
            grants, multi-Region keys; and CloudTrail's record of the calls, by LookupEvents. When it is ready it prints one line of JSON that names its endpoint, and it ends \
            on SIGTERM or Ctrl-C. It answers for the Region that a request is signed for, and takes one access key, \
            which is known to all:

              AWS_ACCESS_KEY_ID=\(RehearsalCredentials.accessKeyID)
              AWS_SECRET_ACCESS_KEY=\(RehearsalCredentials.secretAccessKey)
              AWS_ENDPOINT_URL_KMS=http://127.0.0.1:PORT

            With --faults FILE, and at any time by a POST of the same to /_keyrite/admin with "action": "set-faults", calls \
            go wrong as they can with AWS. FILE is JSON:

              {"quotas": "aws", "timeScale": 1, "rules": [
                {"operation": "ImportKeyMaterial", "key": "alias/a", "after": 0, "times": 1, "fault": "lose-answer"}]}

            A rule is for every operation and key that it does not narrow down, from the call after "after" on, "times" \
            times or always. Its fault is throttle, reset (before anything happens), lose-answer (after it has), error \
            with a "name" of AWS's, status with a "status" of 500 to 599 (and "afterEffect"), delay in "milliseconds", \
            date in "seconds", or lag in "seconds" or "calls" (what only reads is answered as things stood then). \
            Quotas are AWS's own, or calls a second by operation. "events" are rules like these on what CloudTrail \
            tells: hide, delay in "seconds" or "calls", identity (the ARN of another caller), or replay. "permissions" \
            list who may call nothing of KMS but this: {"caller": "arn:aws:iam::111122223333:role/a", "allow": ["Encrypt"]}.

            It is for rehearsals and tests, and no place for real keys: it holds key material in its memory, and with \
            --state on disk, in the open.
            """)

    @Option(
        help: ArgumentHelp("Where to listen, on loopback only; port 0 takes a free one.", valueName: "address:port"))
    var listen = "127.0.0.1:0"
    @Option(
        help: ArgumentHelp(
            "A file that keeps everything from one start to the next, made if it is not there (mode 0600). It holds "
                + "key material in the open. Without it all is forgotten at the end.", valueName: "file"))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "The size of wrapping keys of which two are kept ready, since a large one takes a second or two: RSA_2048, RSA_3072, "
                + "RSA_4096 or none.", valueName: "spec"))
    var wrappingKeysAhead = WrappingKeySpec.rsa4096.rawValue

    @Option(
        help: ArgumentHelp(
            "A folder that keeps wrapping keys, made if it is not there: the first that is asked for, the second and so on are "
                + "the same at each start. For tests, which start many; it holds private keys in the open. Not with --state.",
            valueName: "folder"))
    var wrappingKeys: String?

    @Option(help: ArgumentHelp("What goes wrong from the start (JSON).", valueName: "file"))
    var faults: String?

    /// The line that tells who listens where.
    private struct Greeting: Encodable {
        let endpoint: String
        let account: String
        let pid: Int32
    }

    func validate() throws {
        guard wrappingKeysAhead == "none" || Wrapping(keySpec: wrappingKeysAhead).modulusBits != nil else {
            throw ValidationError("--wrapping-keys-ahead is RSA_2048, RSA_3072, RSA_4096 or none")
        }
        guard state == nil || wrappingKeys == nil else {
            throw ValidationError(
                "--wrapping-keys and --state exclude each other: started again, it would hand out the same keys once more"
            )
        }
    }

    func run() async throws {
        let emulator = try emulator()
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

    private func emulator() throws -> KMSEmulator {
        var configuration = EmulatorConfiguration(credentials: try RehearsalCredentials.make())
        (configuration.host, configuration.port) = try address()
        configuration.stateFile = state
        configuration.wrappingKeysAhead =
            wrappingKeysAhead == "none" ? nil : WrappingKeySpec(rawValue: wrappingKeysAhead)
        configuration.wrappingKeyFolder = wrappingKeys
        configuration.faults = try faultPlan()
        configuration.logsToStandardError = true
        do {
            return try KMSEmulator(configuration: configuration)
        } catch let error as StateError {
            throw CeremonyError(.invalidInput, "The emulator does not start", remedy: error.description)
        }
    }

    private func faultPlan() throws -> FaultPlan {
        guard let faults else { return FaultPlan() }
        let json = try InputFile.bytes(faults)
        do { return try FaultPlan(json: json) } catch let error as StrictJSONError {
            throw CeremonyError(
                .invalidInput, "\(faults): \(error)", remedy: "keyrite emulator --help shows what can stand there")
        }
    }

    private func address() throws -> (host: String, port: Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65535).contains(port)
        else {
            throw CeremonyError(
                .invalidInput, "\(listen) is no address and port", remedy: "Write it as 127.0.0.1:PORT")
        }
        // An IPv6 address stands in brackets beside a port (RFC 3986, 3.2.2).
        let host = listen[..<colon]
        return (host == "[::1]" ? "::1" : String(host), port)
    }

    private static func cancel(_ task: Task<Void, any Error>, on number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { task.cancel() }
        source.resume()
        return source
    }
}
