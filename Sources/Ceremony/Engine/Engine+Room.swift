import CryptoPrimitives
import Evidence

extension Engine {
    /// Lets the people in the room have their say before anything else happens.
    ///
    /// - Throws: `Abort` when they ended the ceremony.
    func attend() async throws {
        let wasAborted = record.aborted != nil
        var said = try await ports.attendance.interjections()[...]
        while let interjection = said.popFirst() {
            do { try take(interjection) } catch {
                // What is wrong in itself would be wrong again; the rest was said, and is not lost.
                let isUnfit = (error as? CeremonyError)?.kind == .invalidInput
                ports.attendance.takeBack((isUnfit ? [] : [interjection]) + said)
                throw error
            }
        }
        if record.aborted != nil, !wasAborted { throw Abort() }
    }

    /// Puts on record what people said, though HSM or KMS may be out of reach: what they said, an abort above all, must not be lost
    /// for that. It does nothing else.
    ///
    /// Where no run of this program on this host is on record yet, in this turn, nothing can be: that is left to the run.
    ///
    /// - Throws: `CeremonyError`, or what the folder threw: then it is not on record.
    package func hear() async throws {
        if isAhead { try readAnew() }
        guard !record.closed, try await takeTurn() == nil else { return }
        try await hearPeople()
    }

    func hearPeople() async throws {
        guard record.isUnderRun(of: try ports.environment.program()), !record.gates.isPassed(.close) else { return }
        do { try await attend() } catch is Abort {}
    }

    /// Whether a ceremony is closed though what is around it cannot be seen: one that was ended early needs neither HSM nor KMS for
    /// that, and both may be gone for good. Other surroundings than the plan's are another matter.
    func canCloseUnseen(after error: any Error) -> Bool {
        guard record.aborted != nil, let program = try? ports.environment.program(), record.isUnderRun(of: program)
        else { return false }
        if error is any SaidToStop || error is CancellationError { return false }
        return (error as? CeremonyError)?.kind != .environment
    }

    /// People ended the ceremony; the run goes on with the close.
    struct Abort: Error {}

    private func take(_ interjection: Interjection) throws {
        switch interjection {
        case .note(let by, let text):
            try journal(.note(Note(by: try person(by), text: try text.recorded("note"))))
        case .exception(let by, let what, let why, let remedy):
            try journal(
                .exception(
                    Deviation(
                        by: try person(by), what: try what.recorded("exception"), why: try why.recorded("reason"),
                        remedy: try remedy.recorded("remedy"))))
        case .exhibit(let by, let name, let what, let bytes):
            let exhibit = Exhibit(
                by: try person(by), name: name, what: try what.recorded("description"), file: SHA256Digest(of: bytes))
            try refuseSecond(exhibit)
            try ports.folder.write(bytes, to: exhibit.path)
            try journal(.exhibit(exhibit))
        case .abort(let by, let reason):
            guard record.aborted == nil else { return }
            try journal(.aborted(Aborted(by: try person(by), reason: try reason.recorded("reason"))))
        }
    }

    private func person(_ name: String) throws -> String {
        guard record.roster.member(named: name) != nil else {
            throw CeremonyError(
                .invalidInput, "\(PercentEncoding.encode(name)) is not on the roster",
                remedy: "Its members are \(record.roster.members.map(\.name).joined(separator: ", "))")
        }
        return name
    }

    /// Before anything is written: a file of that name that the transcript records stays as it is.
    private func refuseSecond(_ exhibit: Exhibit) throws {
        guard exhibit.isFit else {
            throw CeremonyError(
                .invalidInput, "\(PercentEncoding.encode(exhibit.name)) is not a name for an exhibit",
                remedy: "Use up to 100 letters, digits, . _ and -, and no . at the beginning")
        }
        guard !record.exhibits.contains(where: { $0.name == exhibit.name }) else {
            throw CeremonyError(
                .invalidInput, "There is an exhibit named \(exhibit.name) already", remedy: "Give it another name")
        }
    }

    /// Goes no further: blobs and tokens are removed, and the close says why.
    ///
    /// HSM and KMS are left as they are: to delete material there is for people to decide, with a look at the key. Only the usage
    /// that checks needed is taken away again from an HSM key that was there before.
    func closeAborted() async throws -> Outcome {
        leftUndone = leftUnseen.map { ["It goes on to the close without having seen HSM and KMS: \($0)"] } ?? []
        leftUndone += try await takeBackCheckUsage()
        for path in try ports.folder.files() where path.hasPrefix("wrapped/") || path.hasPrefix("tokens/") {
            try ports.folder.remove(path)
        }
        if let gap = ports.gap, gap.side == .connected, let certificate = record.plan.gap?.sealingDigest {
            try destroySealingKey(of: certificate, gap)
        }
        return try await close() ?? .closed
    }

    /// One that lies elsewhere keeps nobody from the close, but is told.
    private func destroySealingKey(of certificate: SHA256Digest, _ gap: any GapPort) throws {
        let isHere = try gap.hasSealingKey(certificate)
        try gap.destroySealingKey(certificate)
        guard !isHere, try !gap.hasDestroyedSealingKey(certificate) else { return }
        leftUndone.append(
            "The private key of the sealing certificate \(certificate) is not where this site keeps it, and was not destroyed. "
                + "Destroy it where it is, with keyrite host destroy-sealing-key")
    }
}

extension String {
    /// The text as evidence has it.
    ///
    /// - Parameter thing: What it is, for the error.
    func recorded(_ thing: String) throws -> String {
        guard !isEmpty else {
            throw CeremonyError(.invalidInput, "The \(thing) is empty", remedy: "Say it in a few words")
        }
        return PercentEncoding.encode(self)
    }
}
