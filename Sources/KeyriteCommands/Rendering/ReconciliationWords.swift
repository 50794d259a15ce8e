import AWS
import Ceremony
import CryptoPrimitives
import Estate
import Evidence
import Foundation

/// What came of reconciling, in words and as data. All that AWS's events say is made fit for a screen here.
struct ReconciliationWords {
    private let report: ReconciliationReport
    private let read: EventsRead
    private let plan: Plan
    private let verdict: Verdict
    private let recording: Result<ReconciliationRecorder.Outcome, any Error>?

    /// - Parameter recording: What came of putting it on record; nil where nobody asked for that.
    init(
        _ report: ReconciliationReport, _ read: EventsRead, of plan: Plan, verdict: Verdict,
        recording: Result<ReconciliationRecorder.Outcome, any Error>?
    ) {
        self.report = report
        self.read = read
        self.plan = plan
        self.verdict = verdict
        self.recording = recording
    }

    /// Whether it is on record now.
    static func sentence(_ outcome: ReconciliationRecorder.Outcome) -> String {
        switch outcome {
        case .recorded: "It is on record now: \(ReconciliationFile.path)"
        case .unread: "Nothing was recorded: not all events were read."
        case .waiting: "Nothing was recorded: AWS may still be about to deliver something."
        }
    }

    // MARK: Text

    var text: String {
        var lines = [callTable, ""]
        if !report.findings.isEmpty { lines += [findingTexts, ""] }
        lines.append(sentence)
        if verdict != .verified { lines.append("Of the evidence itself: \(VerdictText.sentence(verdict))") }
        return lines.joined(separator: "\n")
    }

    /// How many calls of each kind there are, and how many of them have their event.
    private var callTable: String {
        var table = Table("CALL", "TRANSCRIPT", "AWS'S RECORD")
        let operations = Dictionary(grouping: report.calls) { $0.call.operation }
        for (operation, calls) in operations.sorted(by: { $0.key < $1.key }) {
            table.add(operation, "\(calls.count)", "\(calls.count { $0.standing == .matched })")
        }
        return table.text
    }

    /// A paragraph each: what is wrong, where, and with what event.
    private var findingTexts: String {
        report.findings.flatMap { finding in
            let lead = finding.kind.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0)
            return Paragraph(Self.place(finding) + Self.words(finding), lead: lead).lines(width: 80).map(\.text)
        }.joined(separator: "\n")
    }

    private static func place(_ finding: ReconciliationFinding) -> String {
        finding.call.map { "line \($0.line), " } ?? ""
    }

    private static func words(_ finding: ReconciliationFinding) -> String {
        var words: [String] = []
        if let call = finding.call { words.append("\(call.operation) of \(call.alias ?? call.key)") }
        if let event = finding.event {
            let what = finding.call == nil ? "\(shown(event.name)) by \(shown(event.shownCaller)) " : ""
            words.append("\(what)at \(event.at), event \(shown(event.id))")
        }
        return (words + [shown(finding.words)]).joined(separator: ": ")
    }

    private static func shown(_ text: String) -> String { Printable.text(text, limit: 300) }

    private var sentence: String {
        let matched = report.calls.count { $0.standing == .matched }
        let counts =
            "\(matched) of \(report.calls.count) calls have their event, of \(read.records) events up to \(report.asOf)"
        if report.findings.isEmpty { return "AGREED: \(counts)." }
        if report.isWaiting { return "NOT YET: \(counts); AWS may still be about to deliver the others." }
        return "NOT AGREED: \(counts); findings: \(report.findings.count)."
    }

    // MARK: Data

    struct Report: Encodable {
        struct Call: Encodable {
            let line: Int
            let operation: String
            let key: String
            let alias: String?
            let request: String?
            let standing: ReconciledCall.Standing
            let event: Event?
        }
        struct Event: Encodable {
            let id: String
            let name: String
            let at: String
            let caller: String
            let sha256: String
        }
        struct Finding: Encodable {
            let kind: ReconciliationFinding.Kind
            let line: Int?
            let event: Event?
            let words: String
        }
        let schema = "keyrite.reconcile/1"
        let ceremony: String
        let verdict: String
        let asOf: String
        let events: Int
        let calls: [Call]
        let findings: [Finding]
        /// Whether it is on record now; absent where nobody asked for that.
        let recorded: Bool?
    }

    var json: Report {
        Report(
            ceremony: plan.ceremony, verdict: VerdictText.word(verdict), asOf: report.asOf.description,
            events: read.records,
            calls: report.calls.map { one in
                .init(
                    line: one.call.line, operation: one.call.operation, key: one.call.key, alias: one.call.alias,
                    request: one.call.request, standing: one.standing, event: one.event.map(Self.event))
            },
            findings: report.findings.map { finding in
                .init(
                    kind: finding.kind, line: finding.call?.line, event: finding.event.map(Self.event),
                    words: Self.shown(finding.words))
            }, recorded: isRecorded)
    }

    private var isRecorded: Bool? {
        recording.map { recording in
            if case .success(.recorded) = recording { true } else { false }
        }
    }

    private static func event(_ event: AWSEvent) -> Report.Event {
        .init(
            id: shown(event.id), name: shown(event.name), at: event.at.description, caller: shown(event.shownCaller),
            sha256: event.digest.hex)
    }
}
