import ArgumentParser
import Ceremony
import Evidence
import Room

struct RosterAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Sign a roster: as a newcomer on it, or as one of those who may change it.",
        discussion: """
            With an SSH key, sign with ssh-keygen -Y sign -n keyrite.roster.v1.MODE -f KEY FOLDER/roster.json, and hand the \
            signature in with --signature.
            """)

    @Argument(help: "The roster folder.")
    var folder: String
    @Option(name: .customLong("as"), help: ArgumentHelp("Who signs, as the roster has them.", valueName: "name"))
    var name: String
    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String?
    @Option(help: ArgumentHelp("A signature that ssh-keygen made over roster.json.", valueName: "file"))
    var signature: String?
    @Flag(help: "Rehearsal only: the participant accepts without being asked.")
    var auto = false

    func validate() throws {
        guard (site == nil) != (signature == nil) else {
            throw ValidationError("Give --site for a token, or --signature for what ssh-keygen signed.")
        }
        guard !auto || site != nil else { throw ValidationError("--auto signs with a token: give --site.") }
    }

    func run() async throws {
        let folder = try RosterFolder(at: self.folder, isOpen: true)
        let edition = folder.rosters.current
        let waiting = try folder.waiting(for: name)
        let armored: [UInt8]
        if let signature {
            armored = try InputFile.bytes(signature)
        } else {
            armored = try await sign(edition, accepting: waiting.contains { !$0.contains("/change/") })
        }
        try folder.add(armored, by: name)
        let state = try RosterFolder(at: self.folder, isOpen: true).rosters.current
        Output.toPeople("\(name) signed roster \(edition.roster.sequence).")
        for line in RosterText.signers(of: state) { Output.toPeople(line) }
    }

    private func sign(_ edition: RosterEdition, accepting: Bool) async throws -> [UInt8] {
        let site = try InputFile.site(self.site ?? "")
        try site.require(edition.roster.mode)
        if auto {
            guard site.mode == .rehearsal else {
                throw CeremonyError(
                    .invalidInput, "Nobody accepts a live roster without being asked", remedy: "Accept it in person")
            }
            return try await site.signer(of: name).sign(edition.bytes, namespace: edition.roster.mode.rosterNamespace)
        }
        return try await RosterDialogue(name: name, edition: edition).sign(
            at: site, word: accepting ? "accept" : "change")
    }
}
