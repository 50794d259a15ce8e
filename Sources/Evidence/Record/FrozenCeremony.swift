package import CryptoPrimitives

/// What stands fixed in a ceremony folder: the roster, accepted by its members, and the plan that was made for it.
package struct FrozenCeremony: Sendable {
    /// From the first roster to the one that the ceremony is held by.
    package let rosters: RosterChain
    package var roster: Roster { rosters.current.roster }
    package var rosterDigest: SHA256Digest { rosters.current.digest }
    package let plan: Plan
    package let planDigest: SHA256Digest

    /// Reads both strictly and holds them to each other.
    ///
    /// - Throws: `EvidenceError` naming the file that does not hold.
    package init(reading folder: some EvidenceFolder) throws {
        rosters = try Self.rosters(in: folder)
        let bytes = try folder.read(Plan.path)
        planDigest = SHA256Digest(of: bytes)
        plan = try Plan(json: bytes, for: rosters.current)
    }

    /// A record with nothing in it yet.
    package var emptyRecord: Record {
        Record(plan: plan, planDigest: planDigest, roster: roster, rosterDigest: rosterDigest)
    }

    /// Reads the roster, and checks who accepted it, every roster before it, and the file derived from it.
    package static func roster(in folder: some EvidenceFolder) throws -> (Roster, SHA256Digest) {
        let current = try rosters(in: folder).current
        return (current.roster, current.digest)
    }

    private static func rosters(in folder: some EvidenceFolder) throws -> RosterChain {
        let rosters: RosterChain
        do { rosters = try RosterChain(reading: folder) } catch let fault as RosterFault { throw fault.evidence }
        guard try folder.read(Roster.allowedSignersPath) == rosters.current.roster.allowedSigners() else {
            throw EvidenceError(Roster.allowedSignersPath, "it is not what the roster amounts to")
        }
        return rosters
    }
}
