package import CryptoPrimitives
package import Evidence

/// What somebody is given to sign away from the ceremony's folder.
package struct PreparedApproval: Sendable {
    package let member: Member
    package let statement: Statement
    /// The statement's bytes, whose SHA-256 the approval holds.
    package let statementBytes: [UInt8]
    package let digest: SHA256Digest
    /// The digest that reaches people outside every folder.
    package let roster: SHA256Digest
    /// The approval, which says yes.
    package let bytes: [UInt8]
}

/// A decision that came back, as two files.
package struct ReturnedApproval: Sendable {
    /// The decision's file, as people find it; its signature's has `.sig` after it.
    package let file: String
    package let bytes: [UInt8]
    package let signature: [UInt8]

    package init(file: String, bytes: [UInt8], signature: [UInt8]) {
        self.file = file
        self.bytes = bytes
        self.signature = signature
    }
}

extension Approver {
    /// Checks the whole folder, and prepares what one person may sign with a key that is elsewhere.
    ///
    /// - Throws: As `approve`.
    package func prepare(_ gate: Gate, as name: String) throws -> PreparedApproval {
        let frozen = try FrozenCeremony(reading: folder)
        let record = try replay(frozen)
        let attempt = try openAttempt(at: gate, of: record)
        let member = try frozen.roster.approver(named: name)
        try refuseSecond(
            at: Approval.path(gate, attempt.statement.attempt, name), by: name, for: attempt, in: record)
        let prepared = try approval(.approve, by: member, on: attempt)
        try requireCounting(by: member, at: prepared.at, attempt, nothing: "Nothing was exported")
        return PreparedApproval(
            member: member, statement: attempt.statement,
            statementBytes: try CanonicalJSON.encode(attempt.statement), digest: attempt.digest,
            roster: frozen.rosterDigest,
            bytes: try CanonicalJSON.encode(prepared))
    }

    /// Checks a decision that was signed elsewhere as if it were made here, and puts it into the folder.
    ///
    /// - Returns: The decision.
    /// - Throws: `EvidenceError` when the folder does not hold, `CeremonyError` naming the file that does not count.
    package func accept(_ returned: ReturnedApproval, at gate: Gate, as name: String) throws -> Decision {
        let frozen = try FrozenCeremony(reading: folder)
        let record = try replay(frozen)
        let attempt = try openAttempt(at: gate, of: record)
        _ = try frozen.roster.approver(named: name)
        let path = Approval.path(gate, attempt.statement.attempt, name)
        try refuseSecond(at: path, by: name, for: attempt, in: record)
        let approval = try check(returned, for: attempt, of: record)
        guard approval.name.utf8.elementsEqual(name.utf8) else {
            throw CeremonyError(
                .invalidInput, "\(returned.file) is \(approval.name)'s, not \(name)'s",
                remedy: "Nothing was written. Import it as \(approval.name), or name \(name)'s folder")
        }
        try remember(attempt, in: record)
        try put(approval, returned.bytes, returned.signature, on: attempt, of: frozen)
        return approval.decision
    }

    private func check(
        _ returned: ReturnedApproval, for attempt: GateLedger.Attempt, of record: Record
    ) throws -> Approval {
        do {
            return try Approval.check(
                returned.bytes, signature: returned.signature, statement: attempt.statement, digest: attempt.digest,
                roster: record.roster, now: clock.now(),
                countedApart: record.countedApart(from: attempt.statement.gate))
        } catch {
            let (kind, file): (CeremonyError.Kind, String) =
                switch error {
                case .signature, .noUserPresence: (.invalidInput, returned.file + ".sig")
                // It was right when it was made, and the ceremony has gone on since.
                case .otherGate, .otherAttempt: (.state, returned.file)
                default: (.invalidInput, returned.file)
                }
            var remedy = error.remedy
            if case .malformed = error, returned.bytes.contains(where: { $0 > 0x7E }) {
                remedy = "Not all of it is plain ASCII: write the reason in plain ASCII, and sign it again"
            }
            if case .signature = error, let signer = Self.otherSigner(of: returned, on: record.roster) {
                remedy = signer
            }
            let ends = LineEnds(returned)
            if ends.areChanged {
                let holds =
                    (try? Approval.check(
                        ends.bytes, signature: ends.signature, statement: attempt.statement, digest: attempt.digest,
                        roster: record.roster, now: clock.now(),
                        countedApart: record.countedApart(from: attempt.statement.gate))) != nil
                remedy = ends.remedy(holds: holds) ?? remedy
            }
            throw CeremonyError(
                kind, "\(file) does not count: \(error.what)", remedy: "Nothing was written. \(remedy)")
        }
    }

    /// What to do where another key signed than the person's own: mostly somebody took the wrong file.
    private static func otherSigner(of returned: ReturnedApproval, on roster: Roster) -> String? {
        guard let key = (try? SSHSignature(armored: returned.signature))?.publicKey,
            let name = (try? CanonicalJSON.decode(Approval.self, from: returned.bytes))?.name,
            let member = roster.member(named: name), let own = try? member.publicKey(), own != key
        else { return nil }
        let owner = roster.members.first { (try? $0.publicKey()) == key }
        return
            (owner.map { "It was made with \($0.name)'s key" }
            ?? "It was made with a key that is nobody's on the roster")
            + ": have \(name) sign \(name).json again, with the key \(own.fingerprint)"
    }
}
