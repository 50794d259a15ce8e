import Ceremony
import CryptoPrimitives
package import Evidence
import Room

/// A roster as people read it before they sign it, and compare it aloud.
package enum RosterText {
    /// All that the bytes say, for a screen.
    ///
    /// - Parameters:
    ///   - bytes: The roster's file: what people sign.
    ///   - before: The roster that it changes.
    package static func paragraphs(_ bytes: [UInt8], before: Roster?) throws -> [Paragraph] {
        let roster = try Roster(json: bytes)
        let digest = SHA256Digest(of: bytes)
        var text = [Paragraph("You sign this roster", style: .strong), field("SHA-256", digest.hex), words(of: digest)]
        text += [.blank, Paragraph("The roster", style: .strong)]
        text += [
            field("form", roster.schema), field("mode", roster.mode.rawValue), field("number", "\(roster.sequence)"),
        ]
        if let previous = roster.previous {
            text += [field("follows", previous.hex), words(of: previous)]
        }
        if let before {
            text += [.blank, Paragraph("What it changes in roster \(before.sequence)", style: .strong)]
            text += differences(of: roster, from: before).map { Paragraph($0, lead: "  ") }
        }
        for member in roster.members { text += [.blank] + (try paragraphs(member)) }
        text += [.blank, Paragraph("What must be signed by whom", style: .strong)]
        return text + rules(roster.rules).map { field($0.what, $0.who) }
    }

    private static func paragraphs(_ member: Member) throws -> [Paragraph] {
        let key = try member.publicKey()
        let presence = member.userPresence.map { [field("presence", Self.presence($0))] } ?? []
        return [
            Paragraph("\(member.name), \(member.role.rawValue)", style: .strong), field("key", member.key),
            field("fingerprint", key.fingerprint), words(of: SHA256Digest(of: key.blob)),
        ] + presence + [
            field("valid from", "\(member.validFrom)"), field("valid until", "\(member.validUntil)"),
        ]
    }

    /// What the authenticator of a member must have seen.
    private static func presence(_ presence: UserPresence) -> String {
        switch presence {
        case .none: "none: the authenticator need not be touched"
        case .touched: "touched: the authenticator must be touched"
        case .verified: "verified: the authenticator must be touched, and have the PIN or a fingerprint"
        }
    }

    private static func field(_ label: String, _ value: String) -> Paragraph {
        Paragraph(value, lead: "  " + label + String(repeating: " ", count: max(1, 13 - label.count)))
    }

    private static func words(of digest: SHA256Digest) -> Paragraph {
        field("in words", PGPWords.spell(digest.bytes).joined(separator: " "))
    }

    /// A digest in words, in lines to be read aloud.
    ///
    /// - Parameters:
    ///   - indent: How many columns stand before each line.
    ///   - columns: How many there are.
    static func words(_ digest: SHA256Digest, indent: Int, columns: Int) -> [String] {
        Wrap.lines(PGPWords.spell(digest.bytes).joined(separator: " "), width: max(12, min(72, columns - indent)))
    }

    /// What each gate needs, and a change of the roster.
    static func rules(_ rules: GateRules) -> [(what: String, who: String)] {
        Gate.allCases.map { ($0.rawValue, people(rules[$0])) } + [("change", people(rules.change))]
    }

    static func people(_ requirements: [GateRequirement]) -> String {
        requirements.map { $0.role == .witness && $0.count != 1 ? "\($0.count) witnesses" : counted($0) }
            .joined(separator: " and ")
    }

    private static func counted(_ requirement: GateRequirement) -> String {
        Counted.text(requirement.count, requirement.role.rawValue)
    }

    /// Who comes, goes or changes, and which rules do.
    static func differences(of roster: Roster, from before: Roster) -> [String] {
        let gone = before.members.filter { roster.member(named: $0.name) == nil }
        return roster.members.compactMap { difference($0, before.member(named: $0.name)) }
            + gone.map { "\($0.name), \($0.role.rawValue), goes." }
            + zip(rules(roster.rules), rules(before.rules)).filter { $0.who != $1.who }.map {
                "\($0.what) needs \($0.who), not \($1.who)."
            }
    }

    private static func difference(_ member: Member, _ old: Member?) -> String? {
        guard let old else { return "\(member.name) comes, as \(member.role.rawValue)." }
        let changes = [
            member.role == old.role ? nil : "is \(member.role.rawValue), not \(old.role.rawValue)",
            member.key == old.key ? nil : "has another key",
            member.userPresence == old.userPresence
                ? nil
                : "needs the presence \(member.userPresence?.rawValue ?? "of no authenticator"), not "
                    + (old.userPresence?.rawValue ?? "of no authenticator"),
            member.validFrom == old.validFrom ? nil : "is valid from \(member.validFrom), not \(old.validFrom)",
            member.validUntil == old.validUntil ? nil : "is valid until \(member.validUntil), not \(old.validUntil)",
        ].compactMap(\.self)
        return changes.isEmpty ? nil : "\(member.name) \(changes.joined(separator: ", "))."
    }

    /// Who signed, and who has still to, a sentence a line.
    static func signers(of edition: RosterEdition) -> [String] {
        func names(_ members: [Member]) -> String { members.map(\.name).joined(separator: ", ") }
        var lines: [String] = []
        let accepted = edition.accepting.filter(edition.isAccepted)
        if !accepted.isEmpty { lines.append("Accepted by \(names(accepted)).") }
        if !edition.unaccepted.isEmpty { lines.append("To be accepted by \(names(edition.unaccepted)).") }
        if let before = edition.before {
            let agreed = edition.consenting.filter(edition.isAgreed)
            if !agreed.isEmpty { lines.append("Agreed to by \(names(agreed)) of roster \(before.sequence).") }
            if !edition.missingConsents.isEmpty {
                let others = edition.consenting.filter { !edition.isAgreed(to: $0) }
                lines.append(
                    "To be agreed to by \(people(edition.missingConsents)) of roster \(before.sequence): \(names(others))."
                )
            }
        }
        return lines + (edition.isComplete ? ["Everybody signed it who must."] : [])
    }

    /// The ways in which those can sign who have still to.
    static func howToSign(_ edition: RosterEdition, in folder: String) throws -> [String] {
        guard !edition.isComplete else { return [] }
        let token = try ShellCommand.keyrite("roster", "accept", folder, "--as", "NAME", "--site", "SITE")
        let own = try ShellCommand.keyrite("roster", "accept", folder, "--as", "NAME", "--ssh-key", "KEY")
        let file = ShellWord.quoted("\(folder)/\(Roster.path)")
        let signed = try ShellCommand.keyrite(
            "roster", "accept", folder, "--as", "NAME", "--signature", "\(folder)/\(Roster.path).sig")
        return [
            "With a token:  \(token)",
            "With SSH:      \(own)",
            "Elsewhere:     ssh-keygen -Y sign -n \(edition.roster.mode.rosterNamespace) -f KEY \(file)",
            "               \(signed)",
        ]
    }
}
