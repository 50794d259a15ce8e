import ArgumentParser
import CryptoPrimitives
import Evidence
import Room

struct RosterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roster",
        abstract: "Enrol people and keys, have the roster accepted, change it under the old quorum.",
        subcommands: [
            RosterNewCommand.self, RosterKeyCommand.self, RosterShowCommand.self, RosterAcceptCommand.self,
            RosterChangeCommand.self, RosterVerifyCommand.self,
        ])
}

/// Words of the roster commands for people.
enum RosterNext {
    /// What is to be done with a roster that was just made.
    static func toPeople(_ folder: RosterFolder, at path: String) throws {
        let edition = folder.rosters.current
        Output.toPeople(RosterText.signers(of: edition).joined(separator: "\n"))
        for line in try RosterText.howToSign(edition, in: path) { Output.toPeople(line) }
        Output.toPeople(
            "Carry its SHA-256 to custodians and auditor outside the folder: \(edition.digest.hex)")
    }
}
