import ArgumentParser
import Ceremony
import Estate
import Evidence
import Room

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Hold a ceremony's transcript to AWS's own record, CloudTrail.",
        discussion: """
            Each call of the transcript must have its event, and each thing that AWS saw done to the ceremony's keys \
            and aliases meanwhile its line. Exit code 5: they do not agree. Exit code 3: AWS may still be about to \
            deliver what is wanting. With --record, what came of it becomes part of the evidence, with the events it \
            rests on: reconciliation.jsonl, which keyrite verify and verify.sh check again.
            """)

    /// Of what cannot be read, where nothing else is shown.
    private static let mostShown = 20

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(
        help: ArgumentHelp(
            "Exported events, gzip or not: a file, or a folder such as a copy of a bucket's prefix. May be repeated.",
            valueName: "path"))
    var events: [String] = []
    @Option(
        help: ArgumentHelp(
            "Ask CloudTrail itself (LookupEvents, 90 days) as this site does KMS; in place of --events.",
            valueName: "file"))
    var site: String?
    @Option(help: ArgumentHelp("The roster's SHA-256, carried here outside the folder.", valueName: "sha256"))
    var roster: String?
    @Option(help: ArgumentHelp("The mode it must have been held in: live or rehearsal.", valueName: "mode"))
    var expect: Mode?
    @Option(
        name: .customLong("as-of"),
        help: ArgumentHelp(
            "When the events were exported, as 2026-11-26T15:00:00Z, not yet to come; without it, when the newest of them happened.",
            valueName: "time"))
    var asOf: String?
    @Flag(help: "Put it on record in the folder of a closed ceremony, findings or not, once nothing can still come.")
    var record = false
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func validate() throws {
        guard events.isEmpty != (site == nil) else {
            throw ValidationError("Give exported events with --events, or with --site where to ask CloudTrail.")
        }
    }

    func run() async throws {
        let folder = try CeremonyFolder.open(folder)
        // Before the transcript is read, which may be long.
        let site = try site.map(ReadingAccess.site)
        let verified = try verifiedRecord(of: folder)
        let recorder = record ? try recorder(folder, verified) : nil
        guard var reconciliation = Reconciliation(of: verified.record) else {
            throw EstateError(Transcript.path, "the ceremony has not begun, and there is nothing to reconcile")
        }
        let said = try asOf.map(time)
        let read = try await read(into: &reconciliation, asOf: said, by: site)
        let asOf = try seen(read, of: reconciliation, said)
        let report = reconciliation.report(asOf: asOf).adding(read.unreadable.map(\.description))
        let recording = recorder.map { recorder in
            Result {
                if !report.isWaiting, read.unreadable.isEmpty { try read.demandPeriod(of: reconciliation, said: said) }
                return try record(report, read, by: recorder, in: folder)
            }
        }
        let shown = ReconciliationWords(
            report, read, of: verified.record.plan, verdict: verified.verdict, recording: recording)
        switch format {
        case .text: Output.data(shown.text)
        case .json: try Output.json(shown.json)
        }
        do {
            if let outcome = try recording?.get() { Output.toPeople(ReconciliationWords.sentence(outcome)) }
        } catch  where !report.findings.isEmpty && !report.isWaiting {
            // That nothing was recorded must not hide what was found.
            Output.toPeople("\(error)")
        }
        guard report.findings.isEmpty || report.isWaiting else { throw ExitStatus.findings }
        guard verified.verdict == .verified else { throw ExitStatus.notVerified }
        if report.isWaiting { throw ExitStatus.waiting }
    }

    /// Up to when AWS's record was seen; where the events cannot tell of the ceremony, people see why.
    private func seen(
        _ read: EventsRead, of reconciliation: Reconciliation, _ said: Timestamp?
    ) throws -> Timestamp {
        let asOf = try read.asOf(said, now: SystemClock().now())
        do {
            try read.demandPlace(of: reconciliation)
            guard let asOf else {
                throw EstateError(
                    "--events",
                    "of \(read.records) records none tells up to when AWS's record was seen, and the ceremony made no call "
                        + "that must be there; if the events are of its account and Region, say with --as-of when they were "
                        + "exported")
            }
            return asOf
        } catch {
            for unreadable in read.unreadable.prefix(Self.mostShown) { Output.toPeople("unreadable: \(unreadable)") }
            let more = read.unreadable.count - Self.mostShown
            if more > 0 { Output.toPeople("unreadable: \(more) more") }
            throw error
        }
    }

    /// Only what the roster's digest vouches for is put on record: anybody could have made up the rest.
    private func recorder(
        _ folder: DiskFolder, _ verified: (record: Record, verdict: Verdict)
    ) throws -> ReconciliationRecorder {
        let recorder = try ReconciliationRecorder(folder: folder, record: verified.record)
        guard verified.verdict == .verified else {
            throw CeremonyError(
                .invalidInput, "Nothing is put on record of a ceremony that is not known to be the one that was held",
                remedy: "Give its roster's SHA-256 with --roster, from outside the folder")
        }
        return recorder
    }

    private func record(
        _ report: ReconciliationReport, _ read: EventsRead, by recorder: ReconciliationRecorder, in folder: DiskFolder
    ) throws -> ReconciliationRecorder.Outcome {
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        return try recorder.record(report, source: site == nil ? .exported : .lookedUp, records: read.records)
    }

    private func read(
        into reconciliation: inout Reconciliation, asOf said: Timestamp?, by site: Site?
    ) async throws -> EventsRead {
        guard let site else { return try reconciliation.read(try EventFiles(at: events)) }
        let access = try ReadingAccess.resolved(site, session: CeremonySession.name(in: try DiskFolder(at: folder)))
        return try await WorkLine.during(WorkLine.askingAWS) {
            let planned = reconciliation.aws
            try await ReadingAccess.asking(by: access) { try await access.requirePlace(of: planned) }
            return try await reconciliation.read(try access.trailClient(), asOf: said) {
                Output.toPeople("Looking up \($0) ...")
                WorkLine.goOn(with: "asking CloudTrail")
            }
        }
    }

    /// A transcript that does not hold is held to nothing.
    private func verifiedRecord(of folder: DiskFolder) throws -> (record: Record, verdict: Verdict) {
        var verifier = Verifier(
            of: folder,
            expecting: Expectations(
                roster: try DigestOption.read(roster, "--roster"), mode: expect, plan: nil, timestampAuthorities: nil))
        let result = verifier.verify()
        if case .refused(let error) = result.verdict { throw error }
        guard let record = result.record else { throw EvidenceError(Transcript.path, "there is nothing to reconcile") }
        return (record, result.verdict)
    }

    private func time(_ text: String) throws -> Timestamp {
        guard let time = Timestamp(text) else {
            throw CeremonyError(
                .invalidInput, "--as-of is no time", remedy: "Write it as 2026-11-26T15:00:00Z, in UTC")
        }
        return time
    }
}
