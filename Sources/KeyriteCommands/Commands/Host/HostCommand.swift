import ArgumentParser
package import Ceremony
import CryptoPrimitives
package import Evidence

struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "One host of a ceremony that is held across an air gap.",
        subcommands: [HostCardCommand.self, HostDestroySealingKeyCommand.self])
}

/// Words of the host commands for people.
package enum HostText {
    /// What a card does not have, for whoever plans with it.
    ///
    /// - Parameter unfit: The kinds of key that were tried, and what the token lacks for each.
    package static func left(out unfit: [(KeySpec, CeremonyError)]) -> [String] {
        guard let remedy = unfit.first?.1.remedy else { return [] }
        return ["The card leaves out \(Counted.text(unfit.count, "kind")) of key. No plan can be made with it for:"]
            + unfit.map { "  \($0.rawValue): \($1.what)." } + ["\(remedy)."]
    }

    /// What people compare between the two hosts before they believe a card.
    static func card(_ card: HostCard, digest: SHA256Digest) {
        Output.toPeople("HSM host \(card.host), token \(card.token.label) (serial \(card.token.serial))")
        if let key = try? card.gapHost.publicKey() { Output.toPeople("  its key     \(key.fingerprint)") }
        Output.toPeople("  its kinds   \(card.ways.map(\.keySpec.rawValue).joined(separator: ", "))")
        Output.toPeople("  its card    \(digest.hex), in words:")
        for line in RosterText.words(digest, indent: 4, columns: OutputWidth.columnsForPeople) {
            Output.toPeople("    \(line)")
        }
        Output.toPeople("Both hosts must show the same. Compare them by another way than the medium.")
    }
}
