import ArgumentParser
import Ceremony
import Evidence
import Room

struct RosterAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Sign a roster: as a newcomer on it, or as one of those who may change it.",
        discussion: """
            With --site the person's token signs, with --ssh-key their own key. Who is elsewhere signs with ssh-keygen -Y sign \
            -n keyrite.roster.v1.MODE -f KEY FOLDER/roster.json, and the signature is handed in with --signature.
            """)

    @Argument(help: "The roster folder.")
    var folder: String
    @OptionGroup var person: PersonOptions
    @Option(help: ArgumentHelp("A signature that ssh-keygen made over roster.json.", valueName: "file"))
    var signature: String?
    @Flag(help: "Rehearsal only: the participant accepts without being asked.")
    var auto = false

    func validate() throws {
        guard [person.site, person.sshKey, signature].compactMap(\.self).count == 1 else {
            throw ValidationError(
                "Give --site for a token, --ssh-key for a key of one's own, or --signature for what ssh-keygen signed.")
        }
        guard !auto || signature == nil else { throw ValidationError("--auto is for a signature that is made here.") }
    }

    func run() async throws {
        let folder = try RosterFolder(at: self.folder, isOpen: true)
        let (edition, name) = (folder.rosters.current, person.name)
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
        let (name, site) = (person.name, try person.readSite())
        try site?.require(edition.roster.mode)
        let key = PersonKey(site: site, sshKey: person.sshKey)
        guard auto else {
            return try await RosterDialogue(name: name, edition: edition, key: key).sign(
                word: accepting ? "accept" : "change")
        }
        guard edition.roster.mode == .rehearsal else {
            throw CeremonyError(
                .invalidInput, "Nobody accepts a live roster without being asked", remedy: "Accept it in person")
        }
        guard let member = edition.roster.member(named: name) ?? edition.before?.member(named: name) else {
            throw edition.stranger(name)
        }
        return try await key.signer(of: member, or: edition.before?.member(named: name)).sign(
            edition.bytes, namespace: edition.roster.mode.rosterNamespace)
    }
}
