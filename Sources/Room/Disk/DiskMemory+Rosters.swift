import Ceremony
package import CryptoPrimitives
package import Evidence

/// A roster that a key signed, as what follows another.
package struct SignedRoster: Codable, Hashable, Sendable {
    package let digest: SHA256Digest
    package let mode: Mode
    /// The SHA-256 of the roster before it.
    package let previous: SHA256Digest
    package let sequence: Int

    /// Nil for a first roster: another one takes nobody's place.
    package init?(_ edition: RosterEdition) {
        guard let previous = edition.roster.previous else { return nil }
        digest = edition.digest
        mode = edition.roster.mode
        self.previous = previous
        sequence = edition.roster.sequence
    }
}

extension DiskMemory {
    /// In the order in which this key signed them.
    package func signedRosters() throws -> [SignedRoster] {
        try lines(of: rosters)
    }

    /// Refuses a roster where this key signed another one in its place.
    ///
    /// - Parameter discarded: The one that was signed and is given up by all, as the person says who signs this one.
    /// - Throws: `CeremonyError` naming what was signed.
    package func requireNoRival(of roster: SignedRoster, insteadOf discarded: SHA256Digest?) throws {
        let last = try signedRosters().last { $0.previous == roster.previous && $0.mode == roster.mode }
        guard let last, last != roster, last.digest != discarded else { return }
        throw CeremonyError(
            .state,
            "This key signed another roster \(last.sequence) here, which follows the same roster \(last.sequence - 1): its "
                + "SHA-256 is \(last.digest.hex)",
            remedy:
                "Nothing was signed. With two of them, some could be shown one and some the other: find out which one is "
                + "to count. If that one was given up by all who know of it, sign with --instead-of \(last.digest.hex)")
    }

    /// Remembers, durably and before it is signed, that this key signs a roster.
    ///
    /// - Throws: As `requireNoRival`.
    package func remember(_ roster: SignedRoster, insteadOf discarded: SHA256Digest?) throws {
        let folder = try DiskFolder.made(at: root)
        try locked {
            try requireNoRival(of: roster, insteadOf: discarded)
            let known = try signedRosters()
            guard known.last(where: { $0.previous == roster.previous && $0.mode == roster.mode }) != roster else {
                return
            }
            let lines = try (known + [roster]).map { try CanonicalJSON.encode($0) + [UInt8(ascii: "\n")] }
            try folder.write(Array(lines.joined()), to: rosters)
        }
    }

    private var rosters: String { "\(owner)/rosters.jsonl" }
}
