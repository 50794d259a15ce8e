import AWS
package import Foundation
package import Logging

/// An AWS KMS for imported symmetric keys, in memory, on this machine alone, for any AWS client.
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
    private let logger: Logger

    /// - Parameters:
    ///   - clock: The service's time before the admin path moves it.
    ///   - logger: Told of failures inside; nothing secret.
    package init(
        configuration: EmulatorConfiguration,
        clock: @escaping @Sendable () -> Date = Date.init,
        logger: Logger = Logger(label: "keyrite.emulator", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.configuration = configuration
        self.logger = logger
        wrappingKeys = WrappingKeyPool(depth: configuration.wrappingKeysAhead)
        keyring = Keyring(
            account: configuration.account, region: configuration.region, wrappingKeys: wrappingKeys, clock: clock)
    }

    /// Serves until the task is cancelled; answers under way are finished then.
    ///
    /// - Parameter onListening: Learns the endpoint once connections are accepted.
    /// - Throws: `StartError.notLoopback`, or why the address cannot be bound.
    package func run(onListening: @escaping @Sendable (Listening) async -> Void) async throws {
        let host = configuration.host
        guard ["127.0.0.1", "::1"].contains(host) else { throw StartError.notLoopback(host) }
        await wrappingKeys.prepare(.rsa4096)
        try await HTTPServer(dispatcher: dispatcher, logger: logger).run(host: host, port: configuration.port) { port in
            await onListening(
                Listening(
                    endpoint: host == "::1" ? "http://[::1]:\(port)" : "http://\(host):\(port)",
                    port: port,
                    account: configuration.account,
                    region: configuration.region))
        }
    }

    private var dispatcher: Dispatcher {
        Dispatcher(
            keyring: keyring,
            verifier: SignatureVerifier(credentials: configuration.credentials, region: configuration.region),
            identity: GetCallerIdentity.Output(
                account: configuration.account,
                arn: "arn:aws:iam::\(configuration.account):user/\(configuration.userName)",
                userID: "AIDACKCEVSQ6C2EXAMPLE"),
            logger: logger)
    }
}
