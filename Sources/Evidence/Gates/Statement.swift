package import CryptoPrimitives

/// A place in the transcript: so many lines, ending in this one.
package struct Anchor: Codable, Hashable, Sendable {
    package let seq: Int
    /// The SHA-256 of line `seq`, its LF included.
    package let head: String

    package init(seq: Int, head: String) {
        self.seq = seq
        self.head = head
    }
}

/// What the people at a gate are asked to sign: exactly what will happen when it opens.
package struct Statement: Codable, Hashable, Sendable {
    package static let currentSchema = "keyrite.statement/1"

    package let schema: String
    package let mode: Mode
    package let ceremony: String
    package let nonce: String
    package let gate: Gate
    /// 1 for the first, one more each time an attempt was voided.
    package let attempt: Int
    package let plan: SHA256Digest
    package let roster: SHA256Digest
    /// The digest of the observed environment.
    package let environment: SHA256Digest
    /// The line directly before the one that carries this statement.
    package let anchor: Anchor
    package let earlier: [EarlierGate]
    /// Every decision received so far, refusals too.
    package let decisions: [EarlierDecision]
    /// Every deviation recorded so far: whoever signs, signs them too.
    package let exceptions: [StatedException]
    package let subject: Subject
    package let validity: Validity

    package init(
        mode: Mode, ceremony: String, nonce: String, gate: Gate, attempt: Int, plan: SHA256Digest,
        roster: SHA256Digest, environment: SHA256Digest, anchor: Anchor, earlier: [EarlierGate],
        decisions: [EarlierDecision], exceptions: [StatedException], subject: Subject, validity: Validity
    ) {
        schema = Self.currentSchema
        self.mode = mode
        self.ceremony = ceremony
        self.nonce = nonce
        self.gate = gate
        self.attempt = attempt
        self.plan = plan
        self.roster = roster
        self.environment = environment
        self.anchor = anchor
        self.earlier = earlier
        self.decisions = decisions
        self.exceptions = exceptions
        self.subject = subject
        self.validity = validity
    }

    /// Where the statement's file lies in the folder.
    package var path: String { Self.path(gate, attempt) }

    package static func path(_ gate: Gate, _ attempt: Int) -> String {
        "statements/\(gate.rawValue)-\(attempt).json"
    }
}

/// A gate that was passed before.
package struct EarlierGate: Codable, Hashable, Sendable {
    package let gate: Gate
    package let attempt: Int
    package let statement: SHA256Digest

    package init(gate: Gate, attempt: Int, statement: SHA256Digest) {
        self.gate = gate
        self.attempt = attempt
        self.statement = statement
    }
}

/// A decision that was received before.
package struct EarlierDecision: Codable, Hashable, Sendable {
    package let gate: Gate
    package let attempt: Int
    package let name: String
    package let decision: Decision
    package let approval: SHA256Digest

    package init(gate: Gate, attempt: Int, name: String, decision: Decision, approval: SHA256Digest) {
        self.gate = gate
        self.attempt = attempt
        self.name = name
        self.decision = decision
        self.approval = approval
    }
}

/// What a person says at a gate.
package enum Decision: String, Codable, Hashable, Sendable {
    case approve
    case refuse
}
