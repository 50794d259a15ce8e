package import CryptoPrimitives

/// Who takes part in ceremonies, in which role, with which key, and what each gate needs: the file `roster.json`.
package struct Roster: Codable, Hashable, Sendable {
    package static let currentSchema = "keyrite.roster/1"

    package let schema: String
    package let mode: Mode
    /// 1 for the first roster, and one more for each that follows.
    package let sequence: Int
    /// The SHA-256 of the roster before it; nil for the first.
    package let previous: SHA256Digest?
    /// Sorted by name.
    package let members: [Member]
    package let rules: GateRules

    /// Makes a roster; `validate` says whether it can be used.
    ///
    /// - Parameters:
    ///   - previous: The SHA-256 of the roster before it.
    ///   - members: In any order.
    package init(
        mode: Mode, sequence: Int = 1, previous: SHA256Digest? = nil, members: [Member], rules: GateRules
    ) {
        schema = Self.currentSchema
        self.mode = mode
        self.sequence = sequence
        self.previous = previous
        self.members = members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.rules = rules
    }

    /// Reads `roster.json`.
    ///
    /// - Throws: `CanonicalJSONError` when the bytes are not a roster in its one form; `RosterError` when it cannot be
    ///   used.
    package init(json: [UInt8]) throws {
        self = try CanonicalJSON.decode(Roster.self, from: json)
        try validate()
    }

    /// The bytes of `roster.json`.
    package func json() throws -> [UInt8] { try CanonicalJSON.encode(self) }

    /// The digest that reaches custodians and auditor outside the folder.
    ///
    /// - Parameter bytes: `roster.json`.
    package static func digest(of bytes: [UInt8]) -> SHA256Digest { SHA256Digest(of: bytes) }

    /// The member of this name, compared byte for byte.
    package func member(named name: String) -> Member? {
        members.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// The file that tells ssh-keygen who may sign: one line a member, for the roster's mode only, in its validity only.
    ///
    /// It is derived from a valid roster and from nothing else, because ssh-keygen would accept patterns, certificate
    /// authorities and several keys for one name.
    package func allowedSigners() -> [UInt8] {
        members.flatMap { member in
            Array(
                """
                \(member.name) \
                namespaces="\(mode.gateNamespace),\(mode.rosterNamespace)",\
                valid-after="\(member.validFrom.sshForm)",valid-before="\(member.validUntil.sshForm)" \
                \(member.key)

                """.utf8)
        }
    }

    /// Checks that a member accepted this roster, by a signature over its very bytes.
    ///
    /// - Parameters:
    ///   - armored: `roster/NAME.sig`.
    ///   - member: One of this roster's.
    ///   - rosterBytes: `roster.json`, from which this roster was read.
    /// - Throws: `RosterError` naming the member and what to do.
    package func verifyAcceptance(signature armored: [UInt8], member: Member, rosterBytes: [UInt8]) throws {
        let remedy = "\(member.name) signs roster.json again with the key it lists, for \(mode.rosterNamespace)"
        guard members.contains(member), try json() == rosterBytes else {
            throw RosterError(problem: "\(member.name) is no member of the roster with these bytes", remedy: remedy)
        }
        try verify(armored, over: rosterBytes, by: member, as: "acceptance", remedy: remedy)
    }

    /// Checks that a member of this roster agreed to the one that follows it, by a signature over its very bytes.
    ///
    /// - Parameters:
    ///   - armored: `roster/change/NAME.sig`.
    ///   - member: One of this roster's, whatever key they have in the next.
    ///   - nextBytes: The roster that follows.
    /// - Throws: `RosterError` naming the member and what to do.
    package func verifyConsent(signature armored: [UInt8], member: Member, nextBytes: [UInt8]) throws {
        let remedy =
            "\(member.name) signs the new roster.json again with the key that the roster before it lists, for "
            + mode.rosterNamespace
        guard members.contains(member) else {
            throw RosterError(problem: "\(member.name) is no member of the roster before it", remedy: remedy)
        }
        try verify(armored, over: nextBytes, by: member, as: "consent", remedy: remedy)
    }

    private func verify(
        _ armored: [UInt8], over bytes: [UInt8], by member: Member, as what: String, remedy: String
    ) throws {
        do {
            let signature = try SSHSignature(armored: armored)
            try signature.verify(message: bytes, namespace: mode.rosterNamespace, key: try member.publicKey())
            if let missing = member.missingPresence(in: signature) {
                throw RosterError(
                    problem: "\(member.name)'s \(what) counts for nothing: no user presence, it was signed without "
                        + missing.lack,
                    remedy: remedy)
            }
        } catch let error as SSHSignatureError {
            throw RosterError(problem: "\(member.name)'s \(what) counts for nothing: \(error)", remedy: remedy)
        }
    }
}
