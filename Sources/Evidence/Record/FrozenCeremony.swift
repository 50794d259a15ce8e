package import CryptoPrimitives

/// What stands fixed in a ceremony folder: the roster, accepted by its members, and the plan that was made for it.
package struct FrozenCeremony: Sendable {
    package let roster: Roster
    package let rosterDigest: SHA256Digest
    package let plan: Plan
    package let planDigest: SHA256Digest

    /// Reads both strictly and holds them to each other.
    ///
    /// - Throws: `EvidenceError` naming the file that does not hold.
    package init(reading folder: some EvidenceFolder) throws {
        (roster, rosterDigest) = try Self.roster(in: folder)
        let bytes = try folder.read(Plan.path)
        planDigest = SHA256Digest(of: bytes)
        plan = try naming(Plan.path) { try CanonicalJSON.decode(Plan.self, from: bytes) }
        guard plan.roster == rosterDigest, plan.mode == roster.mode else {
            throw EvidenceError(Plan.path, "it was made for another roster")
        }
        try plan.validate()
    }

    /// A record with nothing in it yet.
    package var emptyRecord: Record {
        Record(plan: plan, planDigest: planDigest, roster: roster, rosterDigest: rosterDigest)
    }

    /// Reads the roster, checks every member's acceptance of it, and the file derived from it.
    package static func roster(in folder: some EvidenceFolder) throws -> (Roster, SHA256Digest) {
        let bytes = try folder.read(Roster.path)
        let roster = try naming(Roster.path) { try Roster(json: bytes) }
        for member in roster.members {
            let path = Roster.acceptancePath(of: member)
            let signature = try folder.read(path)
            try naming(path) { try roster.verifyAcceptance(signature: signature, member: member, rosterBytes: bytes) }
        }
        guard try folder.read(Roster.allowedSignersPath) == roster.allowedSigners() else {
            throw EvidenceError(Roster.allowedSignersPath, "it is not what the roster amounts to")
        }
        return (roster, SHA256Digest(of: bytes))
    }
}

/// Names the file in whatever a reader of it throws.
private func naming<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as EvidenceError { throw error } catch {
        throw EvidenceError(path, "\(error)")
    }
}
