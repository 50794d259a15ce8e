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
        configuration.wrappingKeysAhead = 0
        return configuration
    }

    /// Starts an emulator, runs `body` against it, and stops it.
    static func with(
        host: String = "127.0.0.1", _ body: (KMSEmulator.Listening) async throws -> Void
    ) async throws {
        var configuration = try configuration()
        configuration.host = host
        let emulator = try KMSEmulator(configuration: configuration)
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
}
