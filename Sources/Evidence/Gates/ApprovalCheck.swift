package import CryptoPrimitives

/// Why an approval does not count. Each is a class of its own, so that people and tests can tell them apart.
package enum ApprovalRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is no approval in canonical form.
    case malformed(String)
    /// It says that it is for this mode, ceremony, gate or attempt, which is not the one that is open.
    case otherMode(Mode)
    case otherCeremony(String)
    case otherGate(Gate)
    case otherAttempt(Int)
    /// It says that it is for another plan than the ceremony's.
    case otherPlan
    /// It says that it is for this attempt, and has the digest of another statement: they differ in a byte or more.
    case otherStatement
    case unknownPerson(String)
    case otherRole(String)
    /// It names, or was signed by, a key that the roster does not give this person.
    case otherKey(String)
    case administrator(String)
    /// By somebody who was counted at a gate that the plan separates from this one.
    case countedApart(String, Gate)
    case outsideKeyValidity(String)
    /// It says yes, and this person's key ended before it was on record.
    case keyEnded(String)
    case outsideStatementValidity(String)
    /// It says that it was made later than it is now, or than it was recorded.
    case ahead(String)
    case signature(String)
    /// The authenticator did not see of this person what the roster demands.
    case noUserPresence(String, UserPresence)
    /// One more than the gate needs, by somebody whom a later gate may need, which the plan separates from it.
    case spare(String, Gate)
    case refusalWithoutReason(String)
    case approvalWithReason(String)

    /// What is wrong with it.
    package var what: String {
        switch self {
        case .malformed(let why): "it is no approval in canonical form; \(why)"
        case .otherMode(.live): "it was made for a live ceremony"
        case .otherMode(.rehearsal): "it was made for a rehearsal"
        case .otherCeremony(let ceremony): "it was made for the ceremony \(ceremony)"
        case .otherGate(let gate): "it was made for the gate \(gate.rawValue)"
        case .otherAttempt(let attempt): "it was made for attempt \(attempt)"
        case .otherPlan: "it was made for another plan"
        case .otherStatement: "it was made for another statement"
        case .unknownPerson(let name): "\(name) is not on the roster"
        case .otherRole(let name): "\(name) has another role on the roster"
        case .otherKey(let name): "it names a key that the roster does not give \(name)"
        case .administrator(let name): "\(name) is the administrator, who never approves"
        case .countedApart(let name, let gate):
            "\(name) was counted at \(gate.rawValue), from which the plan separates this gate"
        case .outsideKeyValidity(let name): "it was made outside the validity of \(name)'s key"
        case .keyEnded(let name): "\(name)'s key ended before it was recorded"
        case .outsideStatementValidity(let name): "\(name) made it outside the statement's validity"
        case .ahead(let name): "\(name) made it later than it was recorded"
        case .signature(let why): "its signature does not hold: \(why)"
        case .noUserPresence(let name, let wanted):
            "no user presence: \(name) signed without \(wanted.lack), which the roster demands"
        case .spare(let name, _): "\(name)'s is one more than the gate needs"
        case .refusalWithoutReason(let name): "\(name) refused without a reason"
        case .approvalWithReason(let name): "\(name) approved with a reason"
        }
    }

    /// What to do about it.
    package var remedy: String {
        switch self {
        case .malformed, .otherRole: "Whoever made it signs again with keyrite approve"
        case .otherMode: "Find out how a rehearsal and a live ceremony got mixed up before anybody signs again"
        case .otherCeremony: "Bring it to the ceremony it is for; here, whoever made it decides anew"
        case .otherGate: "Whoever made it decides at the gate that is open"
        case .otherAttempt: "What was signed there no longer holds: whoever made it decides on the attempt that is open"
        case .otherPlan: "Compare the plan's digest with the one that whoever made it has: there are two plans about"
        case .otherStatement: "Whoever made it reads the statement that is open now, and decides on that one"
        case .unknownPerson: "Remove it: only the roster's members sign"
        case .otherKey(let name): "\(name) signs again with the key that the roster lists"
        case .administrator: "Remove it: the quorum is the custodians' and witnesses'"
        case .countedApart: "Others must sign here; whoever signed there can still refuse"
        case .outsideKeyValidity: "Check the clock where it was made; if that is right, others must sign"
        case .keyEnded:
            "Check the clock here; if that is right, others must sign: it could have been made later than it says"
        case .outsideStatementValidity: "Check the clock where it was made, then decide again"
        case .ahead: "Check the clocks here and where it was made; once this one has gone so far, it counts"
        case .signature: "Whoever made it signs again; if nobody did, find out how it came there"
        case .noUserPresence(let name, .verified):
            "\(name) signs again, with a key made with ssh-keygen -O verify-required, and touches the authenticator"
        case .noUserPresence(let name, _):
            "\(name) signs again, and touches the authenticator when it blinks"
        case .spare(let name, let gate):
            "Nothing is to be done: it is not counted, so that \(name) can sign at \(gate.rawValue)"
        case .refusalWithoutReason: "Whoever made it refuses again, and says why"
        case .approvalWithReason: "Whoever made it decides again: an approval has no conditions, a refusal has a reason"
        }
    }

    /// Whether somebody else could sign the same.
    package var isOfSeparation: Bool {
        if case .countedApart = self { true } else { false }
    }

    package var description: String { "\(what). \(remedy)" }
}

extension Approval {
    /// Reads an approval and checks that it counts for a statement.
    ///
    /// - Parameters:
    ///   - bytes: The file that was signed.
    ///   - signature: The armored SSHSIG beside it.
    ///   - statement: The statement of the open attempt.
    ///   - digest: The SHA-256 of the statement's bytes.
    ///   - now: The present time, or that of the line that records it.
    ///   - countedApart: Whose approvals were counted at gates that the plan separates from this one, and where.
    /// - Throws: `ApprovalRefusal`.
    package static func check(
        _ bytes: [UInt8], signature: [UInt8], statement: Statement, digest: SHA256Digest, roster: Roster,
        now: Timestamp,
        countedApart: [String: Gate] = [:]
    ) throws(ApprovalRefusal) -> Approval {
        let approval = try decode(bytes)
        try approval.checkPurpose(statement, digest)
        guard let member = roster.member(named: approval.name) else {
            throw .unknownPerson(approval.name)
        }
        guard member.role == approval.role else { throw .otherRole(member.name) }
        guard member.role != .administrator else { throw .administrator(member.name) }
        switch approval.decision {
        case .approve: guard approval.reason == nil else { throw .approvalWithReason(member.name) }
        case .refuse: guard approval.reason?.isEmpty == false else { throw .refusalWithoutReason(member.name) }
        }
        if approval.decision == .approve, let gate = countedApart[member.name] {
            throw .countedApart(member.name, gate)
        }
        guard statement.validity.contains(approval.at) else { throw .outsideStatementValidity(member.name) }
        guard approval.at <= now else { throw .ahead(member.name) }
        guard member.isValid(at: approval.at) else { throw .outsideKeyValidity(member.name) }
        // Its time is the signer's word: with a key that is over, it could have been made since. A no is heard all the same.
        guard approval.decision == .refuse || member.isValid(at: now) else { throw .keyEnded(member.name) }
        try approval.checkSignature(signature, over: bytes, member: member, mode: statement.mode)
        return approval
    }

    /// Names the first thing in which it is for another statement than this.
    private func checkPurpose(_ open: Statement, _ digest: SHA256Digest) throws(ApprovalRefusal) {
        guard mode == open.mode else { throw .otherMode(mode) }
        guard ceremony == open.ceremony else { throw .otherCeremony(ceremony) }
        guard gate == open.gate else { throw .otherGate(gate) }
        guard attempt == open.attempt else { throw .otherAttempt(attempt) }
        guard plan == open.plan else { throw .otherPlan }
        guard statement == digest else { throw .otherStatement }
    }

    private static func decode(_ bytes: [UInt8]) throws(ApprovalRefusal) -> Approval {
        do {
            let approval = try CanonicalJSON.decode(Approval.self, from: bytes)
            guard approval.schema == currentSchema else {
                throw ApprovalRefusal.malformed("its schema is not \(currentSchema)")
            }
            return approval
        } catch let refusal as ApprovalRefusal {
            throw refusal
        } catch {
            throw .malformed("at \(error)")
        }
    }

    private func checkSignature(
        _ armored: [UInt8], over bytes: [UInt8], member: Member, mode: Mode
    ) throws(ApprovalRefusal) {
        let key: SSHPublicKey
        do { key = try member.publicKey() } catch { throw .otherKey(member.name) }
        guard key.fingerprint == self.key else { throw .otherKey(member.name) }
        let signature: SSHSignature
        do {
            signature = try SSHSignature(armored: armored)
            try signature.verify(message: bytes, namespace: mode.gateNamespace, key: key)
        } catch {
            throw .signature("\(error)")
        }
        if let missing = member.missingPresence(in: signature) { throw .noUserPresence(member.name, missing) }
    }
}
