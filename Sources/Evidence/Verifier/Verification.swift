package import CryptoPrimitives

/// What the reader of evidence knows from elsewhere, and holds a folder to.
package struct Expectations: Sendable {
    /// The SHA-256 of the roster, carried to the reader outside the folder.
    package let roster: SHA256Digest?
    package let mode: Mode?
    /// The SHA-256 of the plan, if that reached the reader, too.
    package let plan: SHA256Digest?
    /// Who certified the authority of the time stamp; nil to take that authority's word for what it is.
    package let timestampAuthorities: TimeStampAuthorities?

    package init(
        roster: SHA256Digest?, mode: Mode?, plan: SHA256Digest? = nil,
        timestampAuthorities: TimeStampAuthorities? = nil
    ) {
        self.roster = roster
        self.mode = mode
        self.plan = plan
        self.timestampAuthorities = timestampAuthorities
    }
}

/// How much a claim is worth.
package enum Standing: String, Codable, Sendable {
    /// A quorum or a member of the roster signed it, or an authority that the reader named.
    case signed
    /// It fits everything else in the folder.
    case consistent
    /// It fits what AWS itself has on record, as far as that was got from there.
    case recorded = "AWS's record"
    /// One host's word.
    case asserted
}

/// One thing that was checked and held.
package struct Check: Codable, Hashable, Sendable {
    package let what: String
    package let against: String
    package let standing: Standing

    package init(_ what: String, against: String, _ standing: Standing) {
        self.what = what
        self.against = against
        self.standing = standing
    }
}

/// What a folder is worth as evidence.
package enum Verdict: Hashable, Sendable {
    /// Everything holds, the roster is the expected one, and the ceremony is closed.
    case verified
    /// Everything holds, but no roster digest was given to hold it to.
    case consistentNotTrusted
    /// Everything so far holds, but the ceremony is not closed: nothing seals what is missing.
    case notClosed
    /// The first thing that does not hold.
    case refused(EvidenceError)
}

/// Of a chain of rosters the one that a ceremony was held by, and the one that the reader knew of.
package struct HoldingRoster: Codable, Hashable, Sendable {
    /// From 1: how many there are up to the one that it was held by.
    package let number: Int
    package let sha256: SHA256Digest
    /// The number of the one that was vouched for; nil where none was.
    package let vouchedFor: Int?
}

/// The result of verifying a folder.
package struct Verification: Sendable {
    package let verdict: Verdict
    /// What held, in the order it was checked.
    package let checks: [Check]
    /// What the transcript amounts to; nil when it could not be replayed.
    package let record: Record?
    /// By which roster it was held; nil when the rosters do not hold.
    package let roster: HoldingRoster?
    /// What came of holding the transcript to AWS's own record; nil where that is not in the folder, or does not hold.
    package let reconciliation: RecordedReconciliation?
}
