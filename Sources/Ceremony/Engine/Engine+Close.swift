import CryptoPrimitives
import Evidence

extension Engine {
    /// Seals the folder: the manifest, the quorum's signatures under it, and the transcript's last line.
    func close() async throws -> Outcome? {
        if let waiting = try await pass(.close, subject: { .close(try self.closeSubject()) }) { return waiting }
        guard case .close(let subject)? = record.gates.statement(of: .close)?.subject else { return nil }
        guard let statement = record.gates.statement(of: .close) else { return nil }
        let now = try manifest(lines: subject.lines, attempt: statement.attempt)
        guard SHA256Digest(of: now) == subject.manifest else {
            let signed = try ports.folder.readIfPresent(Manifest.path)
            throw CeremonyError(
                .state,
                "The folder changed after the close was signed: "
                    + (signed.flatMap { SHA256Digest(of: $0) == subject.manifest ? $0 : nil }
                        .flatMap { Manifest.firstDifference(of: now, from: $0) }
                        ?? "which file it is cannot be told, since \(Manifest.path) changed, too"),
                remedy: "Have it as it was, then run again. It cannot be sealed otherwise")
        }
        // It may have been laid there since the gate was passed.
        try refuseUnrecordedApprovals(of: statement)
        try journal(.closed(Closed(manifest: subject.manifest)))
        return nil
    }

    /// The manifest of the folder as it is now; an attempt that still holds keeps the lines it was opened over.
    private func closeSubject() throws -> CloseSubject {
        if let open = record.gates.open, case .close(let subject) = open.statement.subject,
            SHA256Digest(of: try manifest(lines: subject.lines, attempt: open.statement.attempt)) == subject.manifest
        {
            return subject
        }
        try requireNoStrangers()
        let anchor = record.transcript.anchor
        let manifest = try manifest(lines: anchor.seq, attempt: record.gates.nextAttempt(at: .close))
        try ports.folder.write(manifest, to: Manifest.path)
        return CloseSubject(
            head: anchor.head, lines: anchor.seq, aborted: record.aborted, unsettled: record.unsettled,
            exceptions: record.exceptions.map(\.line), manifest: SHA256Digest(of: manifest))
    }

    /// A file that no verifier would take is named before people sign that it is sealed.
    private func requireNoStrangers() throws {
        let rosters = try FrozenCeremony(reading: ports.folder).rosters
        let strangers = record.strangers(among: try ports.folder.files(), rosters: rosters)
        guard !strangers.isEmpty else { return try requireLateApprovals() }
        let names = strangers.map { PercentEncoding.encode($0) }.joined(separator: ", ")
        let isExhibit = strangers.contains { $0.hasPrefix("exhibits/") }
        throw CeremonyError(
            .state, "The folder has what is no file of this ceremony: \(names)",
            remedy: "Move it out of the folder, then run again: it cannot be sealed"
                + (isExhibit ? ". An exhibit that is not on record is offered again" : ""))
    }

    /// Beside what is on record nothing may lie there as signed but approvals that came too late.
    private func requireLateApprovals() throws {
        do { _ = try record.lateApprovals(in: ports.folder) } catch let fault as EvidenceError {
            throw CeremonyError(
                .state, "\(fault)",
                remedy: fault.remedy ?? "Move it out of the folder, then run again: it cannot be sealed")
        }
    }

    private func manifest(lines: Int, attempt: Int) throws -> [UInt8] {
        try Manifest.make(of: ports.folder, lines: lines, attempt: attempt)
    }
}
