import AWS
import Estate
import Foundation

/// What came of checking a policy, in words and as data. All that policies and grants say is made fit for a screen here.
struct PolicyReviewWords {
    private let report: PolicyReport
    /// What was checked.
    private let subject: String

    init(_ report: PolicyReport, of subject: String) {
        self.report = report
        self.subject = Self.shown(subject)
    }

    // MARK: Text

    /// - Parameter width: In columns. ARNs and names alone may be longer.
    func text(width: Int) -> String {
        var paragraphs = findings
        if !paragraphs.isEmpty { paragraphs.append(.blank) }
        paragraphs += [
            Paragraph("Neither policy nor grants tell \(Self.list(report.untold))."), .blank, Paragraph(sentence),
        ]
        let lines = paragraphs.flatMap { $0.lines(width: width, keepsWords: true) }.map(\.text)
        return ([holders.text(width: width), ""] + lines).joined(separator: "\n")
    }

    private var holders: Table {
        var table = Table("CAN", "WHO", "BY")
        for holder in report.holders {
            table.add(
                holder.power.rawValue, (holder.throughIAM ? "by IAM: " : "") + Self.shown(holder.subject.name),
                Self.cause(holder.cause))
        }
        return table
    }

    private var findings: [Paragraph] {
        report.findings.flatMap { finding in
            let lead = finding.kind.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0)
            let blank = String(repeating: " ", count: 16)
            return [
                Paragraph("\(Self.cause(finding.cause)): \(Self.shown(finding.words))", lead: lead),
                Paragraph("-> \(Self.shown(finding.remedy))", lead: blank),
            ]
        }
    }

    private var sentence: String {
        report.findings.isEmpty
            ? "AS INTENDED: \(subject), as far as its policy\(grants) can tell."
            : "NOT AS INTENDED: \(subject); findings: \(report.findings.count)."
    }

    private var grants: String { report.untold.contains { $0.contains("not given") } ? "" : " and its grants" }

    private static func list(_ texts: [String]) -> String { texts.map(shown).joined(separator: "; nor ") }

    private static func cause(_ cause: PolicyFinding.Cause) -> String {
        switch cause {
        case .statement(let number, let sid): "statement \(number)" + (sid.map { " (\(shown($0)))" } ?? "")
        case .grant(let id): "grant \(shown(id))"
        case .policy: "the policy"
        }
    }

    private static func shown(_ text: String) -> String { Printable.text(text, limit: 600) }

    // MARK: Data

    struct Report: Encodable {
        struct Holder: Encodable {
            let power: String
            let who: String
            let throughIAM: Bool
            let cause: Cause
        }
        struct Cause: Encodable {
            let statement: Int?
            let sid: String?
            let grant: String?

            init(_ cause: PolicyFinding.Cause) {
                switch cause {
                case .statement(let number, let sid):
                    (statement, self.sid, grant) = (number, sid.map(PolicyReviewWords.shown), nil)
                case .grant(let id): (statement, sid, grant) = (nil, nil, PolicyReviewWords.shown(id))
                case .policy: (statement, sid, grant) = (nil, nil, nil)
                }
            }
        }
        struct Finding: Encodable {
            let kind: String
            let cause: Cause
            let words: String
            let remedy: String
        }
        let schema = "keyrite.policy-check/1"
        let checked: String
        let holders: [Holder]
        let findings: [Finding]
        let untold: [String]
    }

    var json: Report {
        Report(
            checked: subject,
            holders: report.holders.map {
                .init(
                    power: $0.power.rawValue, who: Self.shown($0.subject.name), throughIAM: $0.throughIAM,
                    cause: .init($0.cause))
            },
            findings: report.findings.map {
                .init(
                    kind: $0.kind.rawValue, cause: .init($0.cause), words: Self.shown($0.words),
                    remedy: Self.shown($0.remedy))
            },
            untold: report.untold.map(Self.shown))
    }
}
