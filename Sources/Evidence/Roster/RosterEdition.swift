package import CryptoPrimitives

/// One roster of a chain beside the one that it changes: who must sign it, and what was signed.
package struct RosterEdition: Sendable {
    package let roster: Roster
    /// The roster's file: what is signed.
    package let bytes: [UInt8]
    package let digest: SHA256Digest
    /// The roster that it changes; nil for the first.
    package let before: Roster?
    /// Who accepted it under its own key.
    private(set) var accepted: Set<String> = []
    /// Who of the roster before it agreed to it.
    private(set) var consented: Set<String> = []

    /// Holds a roster to its place in the chain.
    ///
    /// - Parameters:
    ///   - roster: A valid one, read from `bytes`.
    ///   - last: The edition that it must follow; nil for none.
    /// - Throws: `RosterError` when it does not follow.
    package init(_ roster: Roster, bytes: [UInt8], after last: RosterEdition?) throws {
        self.roster = roster
        self.bytes = bytes
        digest = SHA256Digest(of: bytes)
        before = last?.roster
        let number = (last?.roster.sequence ?? 0) + 1
        guard roster.sequence == number else {
            throw RosterError(
                problem: "it is number \(roster.sequence) where number \(number) belongs",
                remedy: "put every roster back into its place")
        }
        guard let last else { return }
        guard roster.mode == last.roster.mode else {
            throw RosterError(
                problem: "it is for \(roster.mode.rawValue), and the roster before it for \(last.roster.mode.rawValue)",
                remedy: "begin another chain for another mode")
        }
        guard roster.previous == last.digest else {
            throw RosterError(
                problem: "it follows another roster than number \(last.roster.sequence)",
                remedy: "take the roster that was changed, and change it again")
        }
    }

    /// Who must accept it with the key that it lists: everybody in the first roster, later whoever is new, or has
    /// another key or role than before.
    package var accepting: [Member] {
        guard let before else { return roster.members }
        return roster.members.filter { member in
            before.member(named: member.name).map { $0.key != member.key || $0.role != member.role } ?? true
        }
    }

    /// Who may agree to it with the key that the roster before it lists: whom that one's rules count.
    package var consenting: [Member] {
        guard let before else { return [] }
        let roles = Set(before.rules.change.map(\.role))
        return before.members.filter { roles.contains($0.role) }
    }

    /// Who has still to accept it.
    package var unaccepted: [Member] { accepting.filter { !accepted.contains($0.name) } }

    /// How many of the roster before it have still to agree.
    package var missingConsents: [GateRequirement] {
        guard let before else { return [] }
        return before.rules.change.compactMap { requirement in
            let count = consenting.count { $0.role == requirement.role && consented.contains($0.name) }
            return count >= requirement.count
                ? nil : GateRequirement(role: requirement.role, count: requirement.count - count)
        }
    }

    /// Whether everybody signed it who must.
    package var isComplete: Bool { unaccepted.isEmpty && missingConsents.isEmpty }

    /// Whether this person accepted it.
    package func isAccepted(by member: Member) -> Bool { accepted.contains(member.name) }

    /// Whether this person of the roster before it agreed to it.
    package func isAgreed(to member: Member) -> Bool { consented.contains(member.name) }

    /// - Throws: `RosterError` when the signature does not hold.
    mutating func accept(by member: Member, signature: [UInt8]) throws {
        try roster.verifyAcceptance(signature: signature, member: member, rosterBytes: bytes)
        accepted.insert(member.name)
    }

    /// - Throws: `RosterError` when the signature does not hold.
    mutating func consent(by member: Member, signature: [UInt8]) throws {
        try before?.verifyConsent(signature: signature, member: member, nextBytes: bytes)
        consented.insert(member.name)
    }

    /// - Throws: `RosterError` when fewer of the roster before it agreed than its rules demand.
    func requireQuorum() throws {
        guard let before, let missing = missingConsents.first else { return }
        throw RosterError(
            problem: "its change misses \(missing.count) \(missing.role.rawValue) of roster \(before.sequence)",
            remedy: "they sign it with the key that roster \(before.sequence) lists")
    }
}
