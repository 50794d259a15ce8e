import CryptoPrimitives
package import Evidence

/// Lets one member of the roster attest a closed ceremony as a whole.
package struct Attester: Sendable {
    private let folder: any FolderPort
    private let clock: any ClockPort

    package init(folder: any FolderPort, clock: any ClockPort) {
        self.folder = folder
        self.clock = clock
    }

    /// Checks the whole folder, has the person confirm the statement, and signs it.
    ///
    /// - Parameters:
    ///   - name: The person, as the roster has them.
    ///   - confirm: Shows the person the statement, its bytes, and what is on record of AWS's own record; it throws when
    ///     they do not want to sign.
    /// - Returns: Whether it was signed now; false where that person's attestation was there already.
    /// - Throws: `EvidenceError` when the folder does not hold; `CeremonyError` when there is nothing to sign, or the
    ///   signature would not count.
    package func attest(
        as name: String, signer: some PlainSignerPort,
        confirm: (CeremonyStatement, [UInt8], RecordedReconciliation?) async throws -> Void
    ) async throws -> Bool {
        try folder.removePartials()
        let closed = try ClosedCeremony(in: folder)
        let record = closed.record
        let member = try member(named: name, of: record.roster)
        let statement = try CeremonyStatement(of: record, manifest: try folder.read(Manifest.path))
        let bytes = try CanonicalJSON.encode(statement)
        if let known = try folder.readIfPresent(Attestation.path) {
            let attester = try Attestation.check(known, statement: statement, roster: record.roster)
            guard attester == member else {
                throw CeremonyError(
                    .state, "\(attester.name) has attested this ceremony already",
                    remedy: "Nothing was signed; a ceremony has one attestation")
            }
            return false
        }
        try await confirm(statement, bytes, closed.reconciliation)
        let signature = try P256Signature(
            der: try await signer.signPlainly(Attestation.bytesToSign(statement: bytes)))
        let attestation = try CanonicalJSON.encode(
            Attestation(
                statement: bytes, signature: try signature.lowered.der(), keyID: try member.publicKey().fingerprint))
        do {
            _ = try Attestation.check(attestation, statement: statement, roster: record.roster)
        } catch let error
            as EvidenceError
        {
            throw CeremonyError(
                .state, "The attestation by \(name) would not count: \(error.reason)",
                remedy: "Nothing was written. Check whose key this is")
        }
        try folder.write(attestation, to: Attestation.path)
        return true
    }

    private func member(named name: String, of roster: Roster) throws -> Member {
        let member = try roster.knownMember(named: name)
        let now = clock.now()
        guard member.isValid(at: now) else {
            throw CeremonyError(
                .state, "It is \(now), and \(name)'s key counts from \(member.validFrom) to \(member.validUntil)",
                remedy: "Nothing was signed. Check this host's clock, or let somebody else attest")
        }
        return member
    }
}
