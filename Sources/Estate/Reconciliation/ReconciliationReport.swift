package import Evidence

/// What came of holding a transcript to AWS's record.
package struct ReconciliationReport: Sendable {
    /// Up to when AWS's record was seen.
    package let asOf: Timestamp
    package let calls: [ReconciledCall]
    package private(set) var findings: [ReconciliationFinding]

    /// The report, with the records that could not be read among its findings.
    package func adding(_ unreadable: [EstateError]) -> ReconciliationReport {
        var report = self
        report.findings += unreadable.map { ReconciliationFinding(.unreadable, $0.description) }
        return report
    }

    /// Whether all that is wanting is what AWS may still be about to deliver.
    package var isWaiting: Bool { !findings.isEmpty && findings.allSatisfy { $0.kind == .notYet } }
}

/// A call of the transcript, and AWS's event of it.
package struct ReconciledCall: Sendable {
    package enum Standing: String, Sendable, Codable {
        case matched
        case differs
        case missing
        case notYet = "not-yet"
        /// A call that may have been made or not, and was not.
        case notSeen = "not-seen"
    }
    package let call: CeremonyCall
    package let standing: Standing
    package let event: AWSEvent?
    package let differences: [CallDifference]
}

/// One thing in which an event differs from a call.
package struct CallDifference: Hashable, Sendable {
    package let kind: ReconciliationFinding.Kind
    /// Not fit for a screen yet: it may quote the event.
    package let words: String
}

/// Something that transcript and AWS's record do not agree on.
package struct ReconciliationFinding: Sendable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// A call of the transcript that AWS's record has not.
        case missing
        /// The same, but AWS may still be about to deliver it.
        case notYet = "not-yet"
        /// Something AWS saw that the transcript has not.
        case unexpected
        /// A call of which the transcript knows no result took effect.
        case unsettled
        /// Somebody else made the call, or a service by way of the same credentials.
        case otherIdentity = "other-identity"
        /// The event of a call says something else than the transcript.
        case differs
        /// More than one event is of one call, or has one id.
        case replayed
        /// Events that could not be read.
        case unreadable
    }
    package let kind: Kind
    package let call: CeremonyCall?
    package let event: AWSEvent?
    /// Not fit for a screen yet: it may quote the event.
    package let words: String

    init(_ kind: Kind, call: CeremonyCall? = nil, event: AWSEvent? = nil, _ words: String) {
        self.kind = kind
        self.call = call
        self.event = event
        self.words = words
    }
}
