import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// A copy of the example's folder, with what was reconciled on record, that a test may change.
struct RecordedFolder {
    let folder: DiskFolder
    private let roster: SHA256Digest

    /// - Parameter kept: Whether what is on record is that of the first format, as it is kept; else it is written anew, with
    ///   events that have when what is imported expires.
    static func with<R>(kept: Bool = false, _ body: (RecordedFolder) async throws -> R) async throws -> R {
        let example = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../EvidenceTests/Golden/example-1")
        return try await withTemporaryFolder { scratch in
            let copy = scratch.appending(path: "ceremony")
            try FileManager.default.copyItem(at: example.standardized, to: copy)
            let recorded = try RecordedFolder(folder: try DiskFolder(at: copy.path))
            if !kept {
                let events = try recorded.events().map {
                    $0.replacing(
                        #""requestParameters":{"importType""#,
                        with: #""requestParameters":{"expirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","importType""#)
                }
                try recorded.record(events, records: events.count)
            }
            return try await body(recorded)
        }
    }

    private init(folder: DiskFolder) throws {
        self.folder = folder
        roster = SHA256Digest(of: try folder.read(Roster.path))
    }

    var record: Record {
        get throws {
            var verifier = Verifier(of: folder, expecting: Expectations(roster: roster, mode: nil))
            return try #require(verifier.verify().record)
        }
    }

    // MARK: What it says

    /// The file's lines.
    func lines() throws -> [JSONValue] {
        try folder.read(ReconciliationFile.path).split(separator: UInt8(ascii: "\n")).map {
            try CanonicalJSON.parse(Array($0))
        }
    }

    func write(_ lines: [JSONValue]) throws {
        let bytes = try lines.flatMap { try CanonicalJSON.encode($0) + [UInt8(ascii: "\n")] }
        try folder.write(bytes, to: ReconciliationFile.path)
    }

    /// The events as AWS wrote them.
    func events() throws -> [String] {
        try lines().dropFirst().map { try PercentEncoding.decode($0["record"].text) }
    }

    /// A line with an event.
    static func line(_ event: String) -> JSONValue {
        .object([
            "record": .string(PercentEncoding.encode(event)), "sha256": .string(SHA256Digest(of: event.utf8).hex),
        ])
    }

    /// Puts on record what comes of other events.
    func record(_ events: [String], records: Int = 100, by rules: ReconciliationRules = .current) throws {
        let record = try record
        var reconciliation = try #require(Reconciliation(of: record, by: rules))
        for event in events { try reconciliation.take(try AWSEvent(Array(event.utf8))) }
        let report = reconciliation.report(asOf: try #require(Timestamp("2026-11-26T18:00:00Z")))
        let summary = try RecordedReconciliation(report, of: record, source: .exported, records: records)
        try folder.write(try ReconciliationFile.encode(summary, report), to: ReconciliationFile.path)
    }

    // MARK: What the verifiers say

    /// Both refuse, naming this place.
    ///
    /// - Parameter words: What both say; where that is nothing, each may say it in its own words.
    func expectRefusal(at place: String, _ words: String, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        var verifier = Verifier(of: folder, expecting: Expectations(roster: roster, mode: .rehearsal))
        guard case .refused(let error) = verifier.verify().verdict else {
            Issue.record("it was not refused", sourceLocation: sourceLocation)
            return
        }
        let ours = error.line.map { "\(error.path):\($0)" } ?? error.path
        #expect(ours == place, "\(error)", sourceLocation: sourceLocation)
        #expect(words.isEmpty || error.reason.contains(words), "\(error)", sourceLocation: sourceLocation)
        let run = try await script(isWhole: false)
        let theirs = try #require(
            Judgement(shellOutput: run.stdoutText), "\(run.stdoutText)\(run.stderrText)",
            sourceLocation: sourceLocation)
        #expect(run.status == 4, sourceLocation: sourceLocation)
        #expect(theirs.word == "REFUSED", "\(theirs)", sourceLocation: sourceLocation)
        #expect(theirs.place == place, "\(theirs)", sourceLocation: sourceLocation)
        #expect(words.isEmpty || theirs.reason.contains(words), "\(theirs)", sourceLocation: sourceLocation)
        #expect(run.stderrText.isEmpty, "\(run.stderrText)", sourceLocation: sourceLocation)
    }

    /// Both say the same of AWS's record, and that row is returned.
    func row(sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        var verifier = Verifier(of: folder, expecting: Expectations(roster: roster, mode: .rehearsal))
        let result = verifier.verify()
        #expect(result.verdict == .verified, sourceLocation: sourceLocation)
        let check = try #require(result.checks.first { $0.standing == .recorded }, sourceLocation: sourceLocation)
        let run = try await script(isWhole: false)
        let row = run.stdoutText.split(separator: "\n").first { $0.hasPrefix("AWS's record  ") }
        #expect(
            row.map(String.init) == "AWS's record  reconciliation.jsonl          \(check.against)",
            "\(run.stdoutText)\(run.stderrText)", sourceLocation: sourceLocation)
        #expect(
            run.status == (result.reconciliation?.findings == [] ? 0 : 5), "\(run.stdoutText)",
            sourceLocation: sourceLocation)
        return check.against
    }

    /// What keyrite verify and the whole script print, and how they end.
    func printed() async throws -> (ours: (Int32, String), script: (Int32, String)) {
        let ours = try await CeremonyRoom.keyrite(["verify"] + arguments)
        let script = try await script(isWhole: true)
        return ((ours.status, ours.stdoutText), (script.status, script.stdoutText))
    }

    private var arguments: [String] { [folder.root, "--roster", roster.hex, "--expect", "rehearsal"] }

    /// Runs scripts/verify.sh; if not whole, without what no change to this one file has to do with and takes its time:
    /// people's signatures and the manifest.
    private func script(isWhole: Bool) async throws -> ProcessOutcome {
        guard !isWhole else { return try await runProcess("dash", [TamperedFolder.script] + arguments) }
        let text = try String(contentsOfFile: TamperedFolder.script, encoding: .utf8)
        let shorter = text.replacing(/\n    (require_openssh|check_manifest)(?=\n)/, with: "")
            .replacing("\nrequire_signature() {\n", with: "\nrequire_signature() {\n    return 0\n")
        let path = folder.root + "/../verify.sh"
        try Data(shorter.utf8).write(to: URL(filePath: path))
        return try await runProcess("dash", [path] + arguments)
    }
}
