/// What came of holding a transcript to AWS's record.
package struct ReconciliationReport: Sendable {
    /// Up to when AWS's record was seen.
    package let asOf: Timestamp
    /// The ceremony's time by AWS's clock, as far as that is known: what others did then is looked at.
    package let watch: ClosedRange<Timestamp>
    /// By how many seconds AWS's clock was ahead of the host's; nil where no call shows it.
    package let offset: Int64?
    package let calls: [ReconciledCall]
    package private(set) var findings: [ReconciliationFinding]
    /// The events that the calls and findings are about, in an order that is always the same.
    package let events: [AWSEvent]
    /// By which it was made.
    let rules: ReconciliationRules
    /// What all events say that were taken in.
    private let told: Set<AWSEvent.Told>

    init(
        by rules: ReconciliationRules, asOf: Timestamp, watch: ClosedRange<Timestamp>, offset: Int64?,
        calls: [ReconciledCall],
        findings: [ReconciliationFinding], events: [AWSEvent], told: Set<AWSEvent.Told>
    ) {
        self.rules = rules
        self.asOf = asOf
        self.watch = watch
        self.offset = offset
        self.calls = calls
        self.findings = findings
        self.events = events
        self.told = told
    }

    /// Whether an event was taken in that has the same id and says the same, however it is written there, and whatever
    /// came of it.
    package func tookIn(_ event: AWSEvent) -> Bool { told.contains(event.told(by: rules)) }

    /// The report, with what could not be read among its findings.
    ///
    /// - Parameter unreadable: What, and why.
    package func adding(_ unreadable: [String]) -> ReconciliationReport {
        var report = self
        report.findings += unreadable.map { ReconciliationFinding(.unreadable, $0) }
        return report
    }

    /// Whether all that is wanting is what AWS may still be about to deliver.
    package var isWaiting: Bool { !findings.isEmpty && findings.allSatisfy { $0.kind == .notYet } }
}

/// A call of the transcript, and AWS's event of it.
package struct ReconciledCall: Sendable {
    /// How AWS's record stands to the call.
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
    /// In which of the things that both name they differ.
    package enum Aspect: String, Sendable, Codable {
        case operation, key, alias, material, expiry, outcome, caller, account, region, time
        case importType = "import-type"
    }
    package let aspect: Aspect
    /// Not fit for a screen yet: it may quote the event.
    package let words: String

    var kind: ReconciliationFinding.Kind { aspect == .caller ? .otherIdentity : .differs }
}

/// Something that transcript and AWS's record do not agree on.
package struct ReconciliationFinding: Sendable {
    /// What it is that they do not agree on.
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
        /// The event of a call has its expiry in a way that nobody here can read, so that it is neither the same nor another.
        case unreadableExpiry = "unreadable-expiry"
        /// More than one event is of one call, or has one id.
        case replayed
        /// Events that could not be read.
        case unreadable
    }
    package let kind: Kind
    package let call: CeremonyCall?
    package let event: AWSEvent?
    /// In what the event differs from the call, where it does.
    package let aspect: CallDifference.Aspect?
    /// Not fit for a screen yet: it may quote the event.
    package let words: String

    init(
        _ kind: Kind, call: CeremonyCall? = nil, event: AWSEvent? = nil, in aspect: CallDifference.Aspect? = nil,
        _ words: String
    ) {
        self.kind = kind
        self.call = call
        self.event = event
        self.aspect = aspect
        self.words = words
    }
}
