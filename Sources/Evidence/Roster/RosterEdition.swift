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

    /// Where signatures of this person over the roster belong: as a newcomer's, as one of those before, or both.
    package func files(of name: String) -> [String] { duties(of: name).map(\.path) }

    /// Where a signature of this person belongs. It is good for both where their key stays and their role changes.
    ///
    /// - Throws: `RosterError` when it is good for nothing.
    package func files(for armored: [UInt8], by name: String) throws -> [String] {
        let duties = duties(of: name)
        let results = duties.map { duty in Result { try duty.check(armored) } }
        let held = zip(duties, results).filter { (try? $1.get()) != nil }.map(\.0.path)
        guard held.isEmpty else { return held }
        try results.first?.get()
        throw stranger(name)
    }

    /// Why nobody waits for this person's signature.
    package func stranger(_ name: String) -> RosterError {
        let people = Set((accepting + consenting).map(\.name)).sorted().joined(separator: ", ")
        return RosterError(
            problem: "\(PercentEncoding.encode(name)) has nothing to sign in roster \(roster.sequence)",
            remedy: "it can be signed by \(people)")
    }

    private func duties(of name: String) -> [(path: String, check: ([UInt8]) throws -> Void)] {
        let isOfName = { (member: Member) in member.name.utf8.elementsEqual(name.utf8) }
        return accepting.filter(isOfName).map { member in
            (
                RosterPlace.current.acceptance(of: member),
                { try roster.verifyAcceptance(signature: $0, member: member, rosterBytes: bytes) }
            )
        }
            + consenting.filter(isOfName).map { member in
                (
                    RosterPlace.current.consent(of: member),
                    { try before?.verifyConsent(signature: $0, member: member, nextBytes: bytes) }
                )
            }
    }

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
            problem: "its change misses \(missing.count) of role \(missing.role.rawValue) in roster \(before.sequence)",
            remedy: "they sign it with the key that roster \(before.sequence) lists")
    }
}
