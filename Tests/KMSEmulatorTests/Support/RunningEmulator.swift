import AWS
import CryptoPrimitives
import Foundation
import KMSEmulator
import Testing

/// An emulator in this process on a port of its own, for as long as a test's body takes.
enum RunningEmulator {
    static let accessKeyID = "AKIAIOSFODNN7EXAMPLE"
    /// AWS's own example, and nobody's secret.
    static let secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    static func configuration() throws -> EmulatorConfiguration {
        let secret = try Array(secretAccessKey.utf8).withUnsafeBytes { try SecretBytes(copying: $0) }
        var configuration = EmulatorConfiguration(
            credentials: Credentials(accessKeyID: accessKeyID, secretAccessKey: secret))
        // Made when asked for: many emulators run at once, and few are asked for large ones.
        configuration.wrappingKeysAhead = nil
        return configuration
    }

    /// Starts an emulator, runs `body` against it, and stops it.
    ///
    /// - Parameters:
    ///   - faults: What goes wrong from the start.
    ///   - clock: The host's time, as the emulator takes it.
    static func with(
        host: String = "127.0.0.1", faults: FaultPlan = FaultPlan(),
        clock: @escaping @Sendable () -> Date = Date.init, _ body: (KMSEmulator.Listening) async throws -> Void
    ) async throws {
        var configuration = try configuration()
        configuration.host = host
        configuration.faults = faults
        let emulator = try KMSEmulator(configuration: configuration, clock: clock)
        let (announced, announcement) = AsyncStream.makeStream(of: KMSEmulator.Listening.self)
        let running = Task {
            defer { announcement.finish() }
            try await emulator.run { announcement.yield($0) }
        }
        defer { running.cancel() }
        var listening = announced.makeAsyncIterator()
        try await body(try #require(await listening.next(), "the emulator did not start"))
        running.cancel()
        try await running.value
    }

    /// A client that never waits, and asks once.
    static func client(of listening: KMSEmulator.Listening) throws -> AWSClient.Configuration {
        var client = AWSClient.Configuration(
            credentials: try configuration().credentials, region: try Region(listening.region),
            endpoint: try Endpoint(listening.endpoint))
        // Client and emulator share this process with every other test.
        client.attemptTimeout = 240
        client.retryRule.maximumAttempts = 1
        client.retryRule.maximumThrottledAttempts = 1
        return client
    }
}
