import ArgumentParser
import Ceremony
import CryptoPrimitives
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
    @Option(
        name: .customLong("instead-of"),
        help: ArgumentHelp(
            "The SHA-256 of another roster that was signed in this one's place, and is given up.", valueName: "sha256"))
    var insteadOf: String?
    @Option(
        help: ArgumentHelp(
            "Rehearsal only: what this machine remembers, in place of ~/.local/state/keyrite.", valueName: "folder"))
    var memory: String?
    @Flag(help: "Rehearsal only: the participant accepts without being asked.")
    var auto = false

    func validate() throws {
        guard [person.site, person.sshKey, signature].compactMap(\.self).count == 1 else {
            throw ValidationError(
                "Give one of the three: --site for a token, --ssh-key for a key of one's own, or --signature for what "
                    + "ssh-keygen signed.")
        }
        guard memory == nil || person.site == nil else { throw ValidationError("The site says where the memory is.") }
        guard !auto || signature == nil else { throw ValidationError("--auto is for a signature that is made here.") }
    }

    func run() async throws {
        let folder = try RosterFolder(at: self.folder, isOpen: true)
        let (edition, name) = (folder.rosters.current, person.name)
        let waiting = try folder.waiting(for: name)
        let site = try person.readSite()
        try site?.require(edition.roster.mode)
        let remembrance = try remembrance(of: edition, at: site)
        try remembrance.requireNoRival()
        let armored: [UInt8]
        if let signature {
            armored = try InputFile.bytes(signature)
            _ = try edition.files(for: armored, by: name)
            try remembrance.remember()
        } else {
            armored = try await sign(
                edition, at: site, accepting: waiting.contains { !$0.contains("/change/") },
                remembering: remembrance.remember)
        }
        try folder.add(armored, by: name)
        let state = try RosterFolder(at: self.folder, isOpen: true).rosters.current
        Output.toPeople("\(name) signed roster \(edition.roster.sequence).")
        for line in RosterText.signers(of: state) { Output.toPeople(line) }
    }

    /// What the keys that this person may sign with remember here.
    private func remembrance(of edition: RosterEdition, at site: Site?) throws -> RosterRemembrance {
        let people = [edition.roster.member(named: person.name), edition.before?.member(named: person.name)]
        let folder = try MemoryFolder.path(memory, at: site, edition.roster.mode)
        return RosterRemembrance(
            roster: SignedRoster(edition),
            memories: try people.compactMap(\.self).map { try DiskMemory(of: $0, in: folder) },
            discarded: try DigestOption.read(insteadOf, "--instead-of"))
    }

    private func sign(
        _ edition: RosterEdition, at site: Site?, accepting: Bool, remembering remember: () throws -> Void
    ) async throws -> [UInt8] {
        let name = person.name
        let key = PersonKey(site: site, sshKey: person.sshKey)
        let former = edition.before?.member(named: name)
        if let member = edition.roster.member(named: name) ?? former {
            try key.requireListed(for: member, or: former, on: edition.roster)
        }
        guard auto else {
            return try await RosterDialogue(name: name, edition: edition, key: key).sign(
                word: accepting ? "accept" : "change", agreed: remember)
        }
        guard edition.roster.mode == .rehearsal else {
            throw CeremonyError(
                .invalidInput, "Nobody accepts a live roster without being asked", remedy: "Accept it in person")
        }
        guard let member = edition.roster.member(named: name) ?? edition.before?.member(named: name) else {
            throw edition.stranger(name)
        }
        try remember()
        return try await key.signer(of: member, or: former).sign(
            edition.bytes, namespace: edition.roster.mode.rosterNamespace)
    }
}

/// What a machine remembers of the rosters that one person's keys signed.
private struct RosterRemembrance {
    /// Nil for a first roster, of which nothing is remembered.
    let roster: SignedRoster?
    let memories: [DiskMemory]
    /// The roster that the person says was given up.
    let discarded: SHA256Digest?

    /// - Throws: `CeremonyError` where another roster was signed in this one's place.
    func requireNoRival() throws {
        guard let roster else { return }
        for memory in memories {
            try memory.requireNoRival(of: roster, insteadOf: discarded)
            try memory.requireWritable()
        }
    }

    func remember() throws {
        guard let roster else { return }
        for memory in memories { try memory.remember(roster, insteadOf: discarded) }
    }
}
