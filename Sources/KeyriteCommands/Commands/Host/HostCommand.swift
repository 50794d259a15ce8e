import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence

struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "One host of a ceremony that is held across an air gap.",
        subcommands: [HostCardCommand.self, HostDestroySealingKeyCommand.self])
}

/// Words of the host commands for people.
enum HostText {
    /// What people compare between the two hosts before they believe a card.
    static func card(_ card: HostCard, digest: SHA256Digest) {
        Output.toPeople("HSM host \(card.host), token \(card.token.label) (serial \(card.token.serial))")
        if let key = try? card.gapHost.publicKey() { Output.toPeople("  its key     \(key.fingerprint)") }
        Output.toPeople("  its card    \(digest.hex), in words:")
        for line in RosterText.words(digest) { Output.toPeople("    \(line)") }
        Output.toPeople("Both hosts must show the same. Compare them by another way than the medium.")
    }
}
