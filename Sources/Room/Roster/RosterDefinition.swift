import Ceremony
package import Evidence
import Foundation

/// Who is to be on a roster, and what each gate and a change of it shall need: `keyrite.roster-definition/1`.
package struct RosterDefinition: Sendable {
    package let mode: Mode
    package let members: [Member]
    package let rules: GateRules
    private let place: InputPlace

    /// Reads a definition, and the `.pub` files that it names.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - file: Its path, for errors; `.pub` files lie relative to its folder.
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    package init(yaml text: String, file: String) throws {
        let yaml = try StrictYAML(parsing: text, file: file, keys: ["schema", "mode", "members", "rules"])
        guard try yaml.string("schema") == "keyrite.roster-definition/1" else {
            throw yaml.error("schema", "is not keyrite.roster-definition/1", "Start from ceremony/roster.yaml")
        }
        mode = try yaml.word("mode")
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        members = try yaml.tables(
            "members", keys: ["name", "role", "key", "keyFile", "userPresence", "validFrom", "validUntil"]
        ).map {
            try Member(yaml: $0, in: folder)
        }
        rules = try GateRules(yaml: try yaml.table("rules", keys: Gate.allCases.map(\.rawValue) + ["change"]))
        place = yaml.place
    }

    /// The first roster of a chain.
    ///
    /// - Throws: `CeremonyError` when no ceremony could rely on it.
    package func first() throws -> Roster {
        try valid(Roster(mode: mode, members: members, rules: rules))
    }

    /// The roster that follows another.
    ///
    /// - Throws: `CeremonyError` when no ceremony could rely on it, it is for another mode, or changes nothing.
    package func next(after last: RosterEdition) throws -> Roster {
        guard mode == last.roster.mode else {
            throw place["mode"].error(
                "the roster is for \(last.roster.mode.rawValue), and stays so",
                remedy: "Begin another roster for another mode")
        }
        let next = try valid(
            Roster(
                mode: mode, sequence: last.roster.sequence + 1, previous: last.digest, members: members, rules: rules))
        guard next.members != last.roster.members || next.rules != last.roster.rules else {
            throw place.error(
                "it says what roster \(last.roster.sequence) says", remedy: "Change something, or keep that roster")
        }
        return next
    }

    private func valid(_ roster: Roster) throws -> Roster {
        do {
            try roster.validate()
        } catch let error as RosterError {
            throw place.error(error.problem, remedy: error.remedy.prefix(1).uppercased() + error.remedy.dropFirst())
        }
        return roster
    }
}

extension Member {
    /// - Parameter folder: Where a `.pub` file is looked for.
    fileprivate init(yaml: StrictYAML, in folder: URL) throws {
        self.init(
            name: try yaml.string("name"), role: try yaml.word("role"), key: try Self.key(yaml, in: folder),
            userPresence: yaml.has("userPresence") ? try yaml.word("userPresence") : nil,
            validFrom: try yaml.timestamp("validFrom"), validUntil: try yaml.timestamp("validUntil"))
    }

    private static func key(_ yaml: StrictYAML, in folder: URL) throws -> String {
        guard yaml.has("key") != yaml.has("keyFile") else {
            throw yaml.error(
                "key", "or keyFile: just one of the two must be there", "Write the key, or name its .pub file")
        }
        let place = yaml.has("key") ? "key" : "keyFile"
        let line = yaml.has("key") ? try yaml.string("key") : try publicKeyFile(yaml, in: folder)
        do {
            return try SSHPublicKey(line: line).line
        } catch {
            throw yaml.error(
                place, "cannot be used: \(error)",
                "Write the first two words of the .pub file of an ECDSA P-256 or Ed25519 key")
        }
    }

    /// The first two words of a file of one line, as ssh-keygen writes it; the third is a comment.
    private static func publicKeyFile(_ yaml: StrictYAML, in folder: URL) throws -> String {
        let url = URL(fileURLWithPath: try yaml.string("keyFile"), relativeTo: folder)
        guard let text = NamedFile.text(url.path, limit: 16 << 10) else {
            throw yaml.error("keyFile", "\(url.path) cannot be read as text", "Name a .pub file beside the definition")
        }
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count == 1 else {
            throw yaml.error(
                "keyFile", "\(url.path) has \(lines.count) lines, not one", "Name the .pub file of one key")
        }
        return lines[0].split(separator: " ", maxSplits: 2).prefix(2).joined(separator: " ")
    }
}

extension GateRules {
    fileprivate init(yaml: StrictYAML) throws {
        func needs(_ name: String) throws -> [GateRequirement] {
            let roles = Role.allCases
            let table = try yaml.table(name, keys: roles.map(\.rawValue))
            return try roles.filter { table.has($0.rawValue) }.map {
                GateRequirement(role: $0, count: try table.integer($0.rawValue))
            }
        }
        self.init(
            authorize: try needs("authorize"), release: try needs("release"), activate: try needs("activate"),
            close: try needs("close"), change: try needs("change"))
    }
}

extension StrictYAML {
    /// One of a few words.
    fileprivate func word<W: RawRepresentable & CaseIterable>(_ key: String) throws -> W where W.RawValue == String {
        guard let word = W(rawValue: try string(key)) else {
            let known = W.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(key, "is not known", "This version knows \(known)")
        }
        return word
    }
}
