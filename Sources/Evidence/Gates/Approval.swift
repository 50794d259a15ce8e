package import CryptoPrimitives

/// What one person signs at a gate: `approvals/GATE-ATTEMPT/NAME.json`.
///
/// It says itself what it is for, so that whoever signs it with other tools reads in the very file what it opens.
package struct Approval: Codable, Hashable, Sendable {
    package static let currentSchema = "keyrite.approval/1"

    package let schema: String
    package let mode: Mode
    package let ceremony: String
    package let gate: Gate
    package let attempt: Int
    package let plan: SHA256Digest
    /// The SHA-256 of the statement's bytes.
    package let statement: SHA256Digest
    package let name: String
    package let role: Role
    /// The key's fingerprint as `ssh-keygen -l` writes it.
    package let key: String
    package let decision: Decision
    /// Why it was refused, percent-encoded; absent in an approval.
    package let reason: String?
    package let at: Timestamp

    /// - Parameters:
    ///   - statement: What is decided on.
    ///   - digest: The SHA-256 of the statement's bytes.
    ///   - member: Who decides, as the roster has them.
    ///   - key: The fingerprint of the member's key.
    ///   - reason: Of a refusal, percent-encoded; nil for an approval.
    package init(
        of statement: Statement, digest: SHA256Digest, by member: Member, key: String, decision: Decision,
        reason: String?, at: Timestamp
    ) {
        schema = Self.currentSchema
        mode = statement.mode
        ceremony = statement.ceremony
        gate = statement.gate
        attempt = statement.attempt
        plan = statement.plan
        self.statement = digest
        name = member.name
        role = member.role
        self.key = key
        self.decision = decision
        self.reason = reason
        self.at = at
    }

    /// Where an attempt's approvals lie, with a slash at the end.
    package static func folder(_ gate: Gate, _ attempt: Int) -> String {
        "approvals/\(gate.rawValue)-\(attempt)/"
    }

    /// Where the approval lies in the folder; its signature has `.sig` after it.
    package static func path(_ gate: Gate, _ attempt: Int, _ name: String) -> String {
        folder(gate, attempt) + "\(name).json"
    }
}

/// The journal's line about an approval that `run` found and checked.
package struct RecordedApproval: Codable, Hashable, Sendable {
    package let gate: Gate
    package let attempt: Int
    package let name: String
    package let decision: Decision
    /// The SHA-256 of the approval's file.
    package let approval: SHA256Digest
    /// The SHA-256 of the signature's file.
    package let signature: SHA256Digest

    package init(
        gate: Gate, attempt: Int, name: String, decision: Decision, approval: SHA256Digest, signature: SHA256Digest
    ) {
        self.gate = gate
        self.attempt = attempt
        self.name = name
        self.decision = decision
        self.approval = approval
        self.signature = signature
    }
}

/// A quorum was there: the approvals that were counted.
package struct GatePassed: Codable, Hashable, Sendable {
    package let gate: Gate
    package let attempt: Int
    package let counted: [CountedApproval]

    package init(gate: Gate, attempt: Int, counted: [CountedApproval]) {
        self.gate = gate
        self.attempt = attempt
        self.counted = counted
    }
}

/// One approval of a quorum, by its digests.
package struct CountedApproval: Codable, Hashable, Sendable {
    package let name: String
    package let approval: SHA256Digest
    package let signature: SHA256Digest

    package init(name: String, approval: SHA256Digest, signature: SHA256Digest) {
        self.name = name
        self.approval = approval
        self.signature = signature
    }
}
