import AWS
package import Foundation
import Logging

/// An AWS KMS on this machine alone, for any AWS client: true to what AWS does with imported key material.
package struct KMSEmulator: Sendable {
    /// Where a running emulator can be reached.
    package struct Listening: Hashable, Sendable {
        /// `http://127.0.0.1:PORT`.
        package let endpoint: String
        package let port: Int
        /// 12 digits.
        package let account: String
        package let region: String
    }

    /// Why an emulator does not start.
    package enum StartError: Error, Hashable, CustomStringConvertible {
        /// It holds key material in the open and its admin path asks for no signature: no other machine may reach it.
        case notLoopback(String)

        package var description: String {
            switch self {
            case .notLoopback(let host):
                "The emulator listens on 127.0.0.1 or ::1 only, never on \(host): it is no place for real keys, and "
                    + "nobody but this machine may reach it."
            }
        }
    }

    /// The keys and their rules, for tests that look past the wire.
    package let keyring: Keyring
    private let configuration: EmulatorConfiguration
    private let wrappingKeys: WrappingKeyPool
    private let faults = Faults()
    private let logger: Logger

    /// - Parameters:
    ///   - clock: The service's time before the admin path moves it.
    /// - Throws: `StateError` when the state file cannot be used, or the folder of wrapping keys.
    package init(
        configuration: EmulatorConfiguration,
        clock: @escaping @Sendable () -> Date = Date.init
    ) throws {
        self.configuration = configuration
        logger = Self.logger(configuration)
        guard configuration.stateFile == nil || configuration.wrappingKeyFolder == nil else {
            throw StateError(
                "An emulator that is started again would hand out the same wrapping keys: keep one of the two")
        }
        wrappingKeys = WrappingKeyPool(
            ahead: configuration.wrappingKeysAhead,
            kept: try configuration.wrappingKeyFolder.map { try KeptWrappingKeys(at: $0) })
        let (journal, state) = try Self.open(configuration)
        keyring = Keyring(
            account: configuration.account, region: configuration.region, wrappingKeys: wrappingKeys, clock: clock,
            state: state, journal: journal)
    }

    /// Serves until the task is cancelled; answers under way are finished then.
    ///
    /// - Parameter onListening: Learns the endpoint once connections are accepted.
    /// - Throws: `StartError.notLoopback`, or why the address cannot be bound.
    package func run(onListening: @escaping @Sendable (Listening) async -> Void) async throws {
        let host = configuration.host
        guard ["127.0.0.1", "::1"].contains(host) else { throw StartError.notLoopback(host) }
        try await keyring.prepare(for: configuration.faults)
        await faults.set(configuration.faults)
        await wrappingKeys.start()
        try await HTTPServer(dispatcher: dispatcher, logger: logger).run(host: host, port: configuration.port) { port in
            await onListening(
                Listening(
                    endpoint: host == "::1" ? "http://[::1]:\(port)" : "http://\(host):\(port)",
                    port: port,
                    account: configuration.account,
                    region: configuration.region))
        }
    }

    /// The emulator's first words are its greeting's: of the servers beneath it, only failures are told.
    private static func logger(_ configuration: EmulatorConfiguration) -> Logger {
        var logger = Logger(label: "keyrite.emulator") { label -> any LogHandler in
            guard configuration.logsToStandardError else { return SwiftLogNoOpLogHandler() }
            return StreamLogHandler.standardError(label: label)
        }
        logger.logLevel = .error
        return logger
    }

    private static func open(
        _ configuration: EmulatorConfiguration
    ) throws -> sending (StateJournal?, KeyringState) {
        guard let path = configuration.stateFile else { return (nil, KeyringState()) }
        return try StateJournal.open(path: path, account: configuration.account)
    }

    private var dispatcher: Dispatcher {
        let sessions = RoleSessions()
        return Dispatcher(
            keyring: keyring,
            faults: faults,
            verifier: SignatureVerifier(credentials: configuration.credentials, user: user, sessions: sessions),
            sessions: sessions,
            recorder: CallRecorder(trail: keyring.trail, user: user),
            logger: logger)
    }

    private var user: TrailCaller {
        TrailCaller(
            account: configuration.account,
            arn: "arn:aws:iam::\(configuration.account):user/\(configuration.userName)",
            principalID: "AIDACKCEVSQ6C2EXAMPLE", accessKeyID: configuration.credentials.accessKeyID)
    }
}
