import CryptoPrimitives

/// Checks an evidence folder from its first byte to its seal, offline, believing nobody who was in the room.
package struct Verifier<Folder: EvidenceFolder> {
    let folder: Folder
    let expectations: Expectations
    var checks: [Check] = []
    private var record: Record?
    private var roster: HoldingRoster?
    var reconciliation: RecordedReconciliation?

    package init(of folder: Folder, expecting expectations: Expectations) {
        self.folder = folder
        self.expectations = expectations
    }

    /// Verifies, and stops at the first thing that does not hold.
    package mutating func verify() -> Verification {
        let verdict: Verdict
        do {
            try verifyAll()
            verdict = judge()
        } catch let error as EvidenceError {
            verdict = .refused(error)
        } catch {
            verdict = .refused(EvidenceError(".", "\(error)"))
        }
        return Verification(
            verdict: verdict, checks: checks, record: record, roster: roster, reconciliation: reconciliation)
    }

    private func judge() -> Verdict {
        guard record?.closed == true else { return .notClosed }
        return expectations.roster == nil ? .consistentNotTrusted : .verified
    }

    private mutating func verifyAll() throws {
        // Before anything is read, all there is must be files and folders.
        _ = try folder.files()
        try verifyAnchor()
        let frozen = try FrozenCeremony(reading: folder)
        if let mode = expectations.mode, frozen.roster.mode != mode {
            throw EvidenceError(
                Roster.path, "it is a \(frozen.roster.mode.rawValue) roster, not a \(mode.rawValue) one")
        }
        try holdRosters(frozen.rosters)
        held(Roster.allowedSignersPath, against: "the roster it is derived from", .consistent)
        try verifyPlan(frozen)
        let record = try replay(frozen)
        try verifyStatements(of: record.transcript)
        try verifyLayout(record, frozen.rosters)
        try verifyLateApprovals(record)
        try verifyManifest(record)
        try verifyTimeStamp(record)
        try verifyAttestation(record)
        try verifyReconciliation(record)
        assertWhatIsLeft(record)
    }

    /// What nobody signed and nothing in the folder can contradict.
    private mutating func assertWhatIsLeft(_ record: Record) {
        let isOneHost = record.plan.gap == nil && record.machines.isEmpty
        let words =
            isOneHost
            ? ["one host's clock and name", "what that host saw of itself", "what its module told that host"]
            : ["each host's own clock and name", "what each host saw of itself", "what its module told its host"]
        held("times and hosts of the lines", against: words[0], .asserted)
        held("program and module digests", against: words[1], .asserted)
        if record.hasWordsOfPeople {
            held("people's words on record", against: "the host's word for whose they are", .asserted)
        }
        held("the HSM's answers", against: words[2], .asserted)
        held("KMS's answers", against: "what came over that TLS", .asserted)
    }

    /// Machines and programs that the plan lacks, by their exceptions: what a quorum signed, it signed with those.
    private mutating func holdMachines(_ record: Record) {
        for (stated, _) in record.exceptions {
            guard let machine = stated.exception.machine else { continue }
            let isSigned = record.gates.passed.contains { $0.statement.exceptions.contains(stated) }
            held(
                "not in the plan: \(machine.host)",
                against: "the exception of line \(stated.seq), "
                    + (isSigned ? "which a quorum signed" : "which no quorum signed yet"),
                isSigned ? .signed : .consistent)
        }
    }

    private mutating func verifyAnchor() throws {
        guard let expected = expectations.roster else { return }
        let digests = try RosterChain.digests(in: folder)
        guard digests.contains(expected) else {
            throw EvidenceError(
                Roster.path,
                "its SHA-256 is \(digests[0].hex), not the expected \(expected.hex), and no roster before it has that")
        }
    }

    private mutating func verifyPlan(_ frozen: FrozenCeremony) throws {
        guard let expected = expectations.plan else { return }
        guard frozen.planDigest == expected else {
            throw EvidenceError(
                Plan.path, "its SHA-256 is \(frozen.planDigest.hex), not the expected \(expected.hex)")
        }
        held(Plan.path, against: "the SHA-256 that you gave", .consistent)
    }

    /// Says which roster of the chain was vouched for, and what leads from there to the current.
    private mutating func holdRosters(_ rosters: RosterChain) throws {
        let (count, people) = (rosters.count, rosters.first.roster.members.count)
        roster = HoldingRoster(
            number: count, sha256: rosters.current.digest,
            vouchedFor: expectations.roster.flatMap { rosters.number(of: $0) })
        if let expected = expectations.roster {
            guard let number = rosters.number(of: expected) else {
                throw EvidenceError(Roster.path, "the roster with the expected SHA-256 is not one before it")
            }
            let what = count == 1 ? Roster.path : "roster \(number) of \(count)"
            held(what, against: "the SHA-256 that you gave", .signed)
        }
        guard count > 1 else {
            held("roster/*.sig", against: "the keys of all \(people) members", .signed)
            return
        }
        held("rosters/1/*.sig", against: "the keys of all \(people) members of the first", .signed)
        let changes = count == 2 ? "1 change" : "\(count - 1) changes"
        held("\(changes) of the roster", against: "the quorum before each, and newcomers' keys", .signed)
    }

    private mutating func replay(_ frozen: FrozenCeremony) throws -> Record {
        let transcript = try Transcript(parsing: try folder.read(Transcript.path))
        held(Transcript.path, against: "its hash chain, \(transcript.lines.count) lines", .consistent)
        var record = frozen.emptyRecord
        try record.replay(transcript, folder: folder)
        try record.demandDistinctNames()
        self.record = record
        held("every line", against: "the rules of a ceremony", .consistent)
        if !record.gates.passed.isEmpty { held(Plan.path, against: "the statements of the gates", .signed) }
        for passed in record.gates.passed {
            let gate = "\(passed.statement.gate.rawValue), attempt \(passed.statement.attempt)"
            held(gate, against: "the signatures of \(passed.counted.joined(separator: ", "))", .signed)
        }
        for refused in record.gates.decisions where refused.decision == .refuse {
            held(
                "\(refused.gate.rawValue), attempt \(refused.attempt)",
                against: "the refusal that \(refused.name) signed", .signed)
        }
        holdMachines(record)
        try verifyCarried(record)
        let received = record.turns.received
        if received > 0 {
            held(
                received == 1 ? "1 hand-over" : "\(received) hand-overs", against: "the keys of the plan's two hosts",
                .signed)
        }
        return record
    }

    /// A hand-over that nobody received yet holds, too, once it is signed.
    private func verifyCarried(_ record: Record) throws {
        guard let carried = record.turns.carried,
            try folder.files().contains(Handover.signaturePath(carried.number))
        else { return }
        try record.check(carried, folder: folder)
    }

    /// Every statement file is derived from its line in the transcript, and there is no other.
    private mutating func verifyStatements(of transcript: Transcript) throws {
        var derived: Set<String> = []
        for case .gateOpened(let statement) in transcript.lines.map(\.event) {
            guard try folder.read(statement.path) == CanonicalJSON.encode(statement) else {
                throw EvidenceError(statement.path, "it is not the statement that the transcript carries")
            }
            derived.insert(statement.path)
        }
        for file in try folder.files().sorted() where file.hasPrefix("statements/") && !derived.contains(file) {
            throw EvidenceError(file, "the transcript carries no such statement")
        }
        held("statements/", against: "the lines of the transcript that carry them", .consistent)
    }

    /// No file lies in the folder that a ceremony does not make; once it is sealed, no blob and no token.
    private mutating func verifyLayout(_ record: Record, _ rosters: RosterChain) throws {
        let known = KnownFiles(record, rosters: rosters)
        for file in try folder.files().sorted() where !known.contains(file) {
            throw EvidenceError(file, "a ceremony has no such file")
        }
        held("every file", against: "the layout of a ceremony folder", .consistent)
    }

    private mutating func verifyManifest(_ record: Record) throws {
        guard let statement = record.gates.statement(of: .close), case .close(let subject) = statement.subject else {
            return
        }
        let manifest = try folder.read(Manifest.path)
        guard SHA256Digest(of: manifest) == subject.manifest else {
            throw EvidenceError(Manifest.path, "it is not the manifest that was signed")
        }
        let made = try Manifest.make(of: folder, lines: subject.lines, attempt: statement.attempt)
        guard made == manifest else {
            throw EvidenceError(Self.firstDifference(made, manifest), "it is not as the manifest has it")
        }
        held("every other file", against: "the manifest that the close signed", .signed)
    }

    /// What was signed at a gate and is not on record was sealed all the same.
    private mutating func verifyLateApprovals(_ record: Record) throws {
        guard record.gates.isPassed(.close) else { return }
        for late in try record.lateApprovals(in: folder) {
            held(
                "\(late.statement.gate.rawValue), attempt \(late.statement.attempt)",
                against: "\(late.name)'s approval, too late to count", .signed)
        }
    }

    /// The path of the first manifest line that differs.
    private static func firstDifference(_ made: [UInt8], _ manifest: [UInt8]) -> String {
        let lines = { (bytes: [UInt8]) in
            bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        }
        let made = lines(made)
        let known = Set(lines(manifest))
        let stranger = made.first { !known.contains($0) } ?? Set(made).symmetricDifference(known).min()
        return stranger.map { String($0.dropFirst(66)) } ?? Manifest.path
    }

    mutating func held(_ what: String, against: String, _ standing: Standing) {
        // Signatures by people whom nobody vouched for outside the folder are worth what the folder is worth.
        let worth = standing == .signed && expectations.roster == nil ? .consistent : standing
        checks.append(Check(what, against: against, worth))
    }
}
