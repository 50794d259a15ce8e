import ArgumentParser
import CryptoPrimitives
import Evidence
import Room

struct RosterShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Who is on a roster, with which keys, and who has still to sign it.")

    @Argument(help: "The roster folder.")
    var folder: String
    @Option(help: "text or json.")
    var format = OutputFormat.text

    private struct Report: Encodable {
        struct Person: Encodable {
            let name: String
            let role: Role
            let type: String
            let fingerprint: String
            let words: [String]
            let userPresence: UserPresence?
            let validFrom: Timestamp
            let validUntil: Timestamp
        }
        let schema = "keyrite.roster-show/1"
        let mode: Mode
        let sequence: Int
        let digest: String
        let words: [String]
        let previous: String?
        let members: [Person]
        let rules: GateRules
        let accepted: [String]
        /// Who has still to accept it.
        let unaccepted: [String]
        /// Who of the roster before it agreed to it.
        let agreed: [String]
        /// How many of them are missing yet.
        let missing: [GateRequirement]
        let complete: Bool
    }

    func run() throws {
        let edition = try RosterFolder(at: folder, isOpen: true).rosters.current
        switch format {
        case .text: try showText(edition)
        case .json: try Output.json(try report(edition))
        }
    }

    private func report(_ edition: RosterEdition) throws -> Report {
        Report(
            mode: edition.roster.mode, sequence: edition.roster.sequence, digest: edition.digest.hex,
            words: PGPWords.spell(edition.digest.bytes), previous: edition.roster.previous?.hex,
            members: try edition.roster.members.map { member in
                let key = try member.publicKey()
                return .init(
                    name: member.name, role: member.role, type: key.type, fingerprint: key.fingerprint,
                    words: PGPWords.spell(SHA256Digest(of: key.blob).bytes), userPresence: member.userPresence,
                    validFrom: member.validFrom,
                    validUntil: member.validUntil)
            },
            rules: edition.roster.rules, accepted: edition.accepting.filter(edition.isAccepted).map(\.name),
            unaccepted: edition.unaccepted.map(\.name),
            agreed: edition.consenting.filter(edition.isAgreed).map(\.name), missing: edition.missingConsents,
            complete: edition.isComplete)
    }

    private func showText(_ edition: RosterEdition) throws {
        let roster = edition.roster
        Output.data("Roster \(roster.sequence), for \(roster.mode.rawValue)")
        Output.data("  SHA-256   \(edition.digest.hex)")
        show(edition.digest, as: "  in words  ")
        var people = Table("NAME", "ROLE", "KEY", "PRESENCE", "FINGERPRINT", "VALID FROM", "VALID UNTIL")
        for member in roster.members {
            let key = try member.publicKey()
            people.add(
                member.name, member.role.rawValue, key.type, member.userPresence?.rawValue ?? "-", key.fingerprint,
                "\(member.validFrom)",
                "\(member.validUntil)")
        }
        Output.data("\n" + people.text + "\n")
        Output.data("FINGERPRINTS IN WORDS")
        let longest = roster.members.map(\.name.count).max() ?? 0
        for member in roster.members {
            let name = member.name + String(repeating: " ", count: longest - member.name.count + 2)
            show(SHA256Digest(of: try member.publicKey().blob), as: name)
        }
        var rules = Table("SIGNED", "BY")
        for rule in RosterText.rules(roster.rules) { rules.add(rule.what, rule.who) }
        Output.data("\n" + rules.text + "\n")
        if let before = edition.before {
            Output.data("WHAT ROSTER \(roster.sequence) CHANGES IN ROSTER \(before.sequence)")
            for line in RosterText.differences(of: roster, from: before) { Output.data(line) }
            Output.data("")
        }
        for line in RosterText.signers(of: edition) { Output.data(line) }
        for line in try RosterText.howToSign(edition, in: folder) { Output.data(line) }
    }

    private func show(_ digest: SHA256Digest, as label: String) {
        let lines = RosterText.words(digest, indent: label.count, columns: OutputWidth.columns)
        for (index, line) in lines.enumerated() {
            Output.data((index == 0 ? label : String(repeating: " ", count: label.count)) + line)
        }
    }
}
