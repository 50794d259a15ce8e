extension Roster {
    /// Checks everything that a ceremony relies on.
    ///
    /// - Throws: `RosterError` for the first thing found, naming the member or gate and what to do.
    package func validate() throws {
        guard schema == Self.currentSchema else {
            throw RosterError(
                problem: "its schema is not \(Self.currentSchema)",
                remedy: "use the version of keyrite that wrote it, or make the roster again")
        }
        try validateSequence()
        try members.forEach(validate)
        try validateOrder()
        try validateKeys()
        let administrators = members.count { $0.role == .administrator }
        guard administrators == 1 else {
            throw RosterError(
                problem: "it has \(administrators) administrators",
                remedy: "name exactly one member as administrator")
        }
        for gate in Gate.allCases { try validate(rules[gate], of: "the gate \(gate.rawValue)", doing: "approve") }
        try validate(rules.change, of: "a change of the roster", doing: "sign it")
    }

    private func validateSequence() throws {
        guard sequence >= 1 else {
            throw RosterError(problem: "its sequence is \(sequence)", remedy: "number the first roster 1")
        }
        guard (sequence == 1) == (previous == nil) else {
            throw RosterError(
                problem: sequence == 1
                    ? "it is the first, and names one before it" : "it is number \(sequence), and names none before it",
                remedy: "give the SHA-256 of the roster before it to each but the first")
        }
    }

    private func validate(_ member: Member) throws {
        guard Self.isName(member.name) else {
            throw RosterError(
                problem: "\"\(PercentEncoding.encode(String(member.name.prefix(40))))\" is no name",
                remedy: "use 1 to 32 of a-z, 0-9 and \"-\", beginning with a letter or digit")
        }
        try validateKey(of: member)
        // ssh-keygen takes 1970-01-01T00:00:00Z for a mistake, and as an end for no end at all.
        guard member.validFrom.epochSeconds > 0, member.validFrom < member.validUntil else {
            throw RosterError(
                problem: "\(member.name) is valid from \(member.validFrom) until \(member.validUntil)",
                remedy: "give a validity that begins after 1970-01-01T00:00:00Z and before it ends")
        }
    }

    private func validateKey(of member: Member) throws {
        let key: SSHPublicKey
        do {
            key = try member.publicKey()
        } catch {
            throw RosterError(
                problem: "\(member.name)'s key cannot be used; \(error)",
                remedy: "enrol the first two words of the .pub file of an ECDSA P-256 or Ed25519 key, "
                    + "on a FIDO2 authenticator or not")
        }
        guard key.application == nil || member.userPresence != nil else {
            throw RosterError(
                problem: "\(member.name)'s key is on an authenticator, and nothing says what that must see of them",
                remedy: "say userPresence: none, touched or verified")
        }
        guard key.application != nil || member.userPresence == nil else {
            throw RosterError(
                problem: "\(member.name) has a userPresence, and a key that is on no authenticator",
                remedy: "leave it out, or enrol a FIDO2 key (ssh-keygen -t ed25519-sk or ecdsa-sk)")
        }
    }

    private func validateOrder() throws {
        for (member, next) in zip(members, members.dropFirst()) {
            guard member.name != next.name else {
                throw RosterError(
                    problem: "two members have the name \(member.name)", remedy: "give each person a name of their own")
            }
            guard member.name.utf8.lexicographicallyPrecedes(next.name.utf8) else {
                throw RosterError(
                    problem: "\(next.name) stands after \(member.name)", remedy: "sort the members by name")
            }
        }
    }

    /// Compares the keys themselves, whatever else stands beside them: one key must not count for two people.
    private func validateKeys() throws {
        var owners: [SSHPublicKey: Member] = [:]
        for member in members {
            guard let owner = owners.updateValue(member, forKey: try member.publicKey().plain) else { continue }
            let names = owner.key == member.key ? "" : " under two names"
            throw RosterError(
                problem: "\(owner.name) and \(member.name) have the same key\(names)",
                remedy: "enrol a key for each person")
        }
    }

    /// - Parameter what: What has these requirements.
    private func validate(_ requirements: [GateRequirement], of what: String, doing verb: String) throws {
        func refusal(_ problem: String, _ remedy: String) -> RosterError {
            RosterError(problem: "\(what) \(problem)", remedy: remedy)
        }
        guard !requirements.isEmpty else {
            throw refusal("needs nobody", "name a role and how many of it must \(verb)")
        }
        guard Set(requirements.map(\.role)).count == requirements.count else {
            throw refusal("names a role twice", "give each role one count")
        }
        for requirement in requirements {
            let (role, count) = (requirement.role, requirement.count)
            guard role != .administrator else {
                throw refusal("counts the administrator", "count custodians, witnesses or auditors")
            }
            guard count >= 1 else {
                throw refusal(
                    "needs \(count) of role \(role.rawValue)", "give a count of at least 1, or leave the role out")
            }
            let present = members.count { $0.role == role }
            guard count <= present else {
                throw refusal(
                    "needs \(count) of role \(role.rawValue) and the roster has \(present)",
                    "enrol more of that role, or lower the count")
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return (1...32).contains(bytes.count) && bytes.first != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
