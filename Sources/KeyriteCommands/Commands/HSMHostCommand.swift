import ArgumentParser
import Room

/// Hidden: a ceremony starts it for itself, with a socket of its own.
struct HSMHostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hsm-host", abstract: "Holds the HSM's PKCS#11 module for the ceremony that started it.",
        shouldDisplay: false)

    func run() async throws {
        try await HSMHost.run()
    }
}
