package import Ceremony
package import Evidence
import Room

/// Where a ceremony stands in its script.
package struct Overview: Hashable, Sendable {
    /// How a step stands.
    package enum Status: Hashable, Sendable {
        case done
        case now
        case next
        /// It will not happen: people ended the ceremony.
        case skipped
    }

    /// One step of the script.
    package struct Line: Hashable, Sendable {
        package let step: Step
        package let status: Status
        /// How far it has come, or who signed.
        package let detail: String
    }

    package let ceremony: String
    package let lines: [Line]
    /// Who acts now.
    package private(set) var acting: String
    /// Whom the open gate still waits for; empty when it waits for nobody, or none is open.
    package let wanted: String
    /// Why the open gate is signed once more, and what they have to see to besides; empty when nothing, or people know.
    package let again: String
    /// What people put on record so far; empty when nothing.
    package let recorded: String
    /// When the first run began; nil when none did yet.
    package let began: Timestamp?
    /// When this is looked at, and what is expected of the time to come: both change without anything having happened.
    package var now: Timestamp
    package var expected: String

    /// - Parameters:
    ///   - record: What the transcript amounts to.
    ///   - running: The step that runs or waits now.
    ///   - signed: Who signed and is not in the transcript yet.
    ///   - refused: Who refused the open gate before, and why, for those who were not there.
    ///   - left: What could not be taken away again from HSM keys that were there before.
    ///   - expected: How long the program still works, in words that follow the time elapsed.
    package init(
        of record: Record, running: Step?, signed: [String] = [], refused: String? = nil, left: [String] = [],
        now: Timestamp, expected: String = ""
    ) {
        let plan = record.plan
        ceremony =
            "Keyrite \(plan.mode.rawValue) \(plan.ceremony): \(Counted.text(plan.slots.count, "key"))"
            + (record.host.map { ", at \($0)" } ?? "")
        lines = Step.allCases.filter { $0.isPart(of: plan) }.map { step in
            let progress = StepProgress(of: step, in: record)
            let isOpen = step.gate != nil && step.gate == record.gates.open?.statement.gate
            let status: Status =
                progress.isDone
                ? .done
                : record.aborted != nil && step != .close ? .skipped : step == running || isOpen ? .now : .next
            return Line(
                step: step, status: status, detail: Self.detail(step, progress, status, record, signed))
        }
        wanted = Self.wanted(record, signed: signed)
        acting = Self.acting(record, wanted: wanted)
        again =
            record.gates.open == nil
            ? "" : ([record.whySignedAgain, refused].compactMap(\.self) + left).joined(separator: " ")
        recorded = Self.recorded(record)
        began = record.transcript.lines.first { $0.event.kind == .runStarted }?.at
        self.now = now
        self.expected = expected
    }

    /// Elapsed and expected time. The first run began it: whoever resumes it days later is in the same ceremony.
    package var timing: String {
        let elapsed = began.map { max(0, now.epochSeconds - $0.epochSeconds) } ?? 0
        return "Elapsed \(Duration.seconds(elapsed).spoken)\(expected)"
    }

    private static func detail(
        _ step: Step, _ progress: StepProgress, _ status: Status, _ record: Record, _ signed: [String]
    ) -> String {
        guard let gate = step.gate else {
            if status == .skipped, progress.done == 0 { return "not done" }
            return status == .done ? Counted.text(progress.total, progress.unit) : progress.text
        }
        if status == .skipped { return "not done" }
        if gate == .activate, record.plan.policy.foldsActivate { return "folded into release" }
        let recorded = Self.signers(at: gate, in: record)
        let isOpen = record.gates.open?.statement.gate == gate
        let here = recorded + (isOpen ? signed.filter { !recorded.contains($0) } : [])
        let names = here.isEmpty ? "" : "signed by " + here.joined(separator: ", ")
        if status == .done { return names }
        let rule = record.requirements(at: gate).map { Counted.text($0.count, $0.role.rawValue) }
        return (names.isEmpty ? "" : names + "; ") + "needs " + rule.joined(separator: " and ")
    }

    private static func signers(at gate: Gate, in record: Record) -> [String] {
        if let open = record.gates.open, open.statement.gate == gate { return open.approvals.map(\.name) }
        guard let statement = record.gates.statement(of: gate) else { return [] }
        return record.gates.decisions.filter {
            $0.gate == gate && $0.attempt == statement.attempt && $0.decision == .approve
        }.map(\.name)
    }

    private static func wanted(_ record: Record, signed: [String]) -> String {
        guard let open = record.gates.open else { return "" }
        let there = open.approvals.map(\.name) + signed
        let gate = open.statement.gate
        return record.requirements(at: gate).compactMap { rule -> String? in
            let members = record.approvers(of: rule.role, at: gate)
            let missing = rule.count - members.count { there.contains($0.name) }
            guard missing > 0 else { return nil }
            let names = members.map(\.name).filter { !there.contains($0) }
            return "\(Counted.text(missing, rule.role.rawValue)) of \(names.joined(separator: ", "))"
        }.joined(separator: "; and ")
    }

    /// When the program goes on by itself.
    private static let idle = [
        "The program works. Nobody needs to act.", "Everybody has signed. Nobody needs to act.",
    ]

    private static func acting(_ record: Record, wanted: String) -> String {
        if record.closed { return "The ceremony is closed. Nobody needs to act." }
        guard let open = record.gates.open else { return idle[0] }
        guard !wanted.isEmpty else { return idle[1] }
        let attempt = open.statement.attempt == 1 ? "" : ", attempt \(open.statement.attempt)"
        return "To sign the gate \(open.statement.gate.rawValue)\(attempt): \(wanted)."
    }

    private static func recorded(_ record: Record) -> String {
        let notes = record.transcript.lines.count { $0.event.kind == .note }
        let refusals = record.gates.decisions.count { $0.decision == .refuse }
        let counts = [
            (notes, "note"), (record.exceptions.count, "exception"), (record.exhibits.count, "exhibit"),
            (refusals, "refusal"),
        ].filter { $0.0 > 0 }.map { Counted.text($0, $1) }
        let ended = record.aborted.map { ["ended early by \($0.by)"] } ?? []
        return (counts + ended).joined(separator: ", ")
    }
}

extension Overview {
    /// - Parameter room: The most rows that the steps may take; those around the present one stay.
    package func paragraphs(room: Int) -> [Paragraph] {
        var paragraphs = [Paragraph(ceremony, style: .strong), Paragraph(timing, style: .faint), .blank]
        let window = Self.window(lines, room: max(3, room))
        if window.lowerBound > 0 { paragraphs.append(Paragraph("... \(window.lowerBound) done", style: .faint)) }
        paragraphs += lines[window].map(Self.paragraph)
        let after = lines.count - window.upperBound
        if after > 0 { paragraphs.append(Paragraph("... \(after) to come", style: .faint)) }
        paragraphs += [.blank, Paragraph(acting, lead: "Now  ", style: .strong)]
        if !again.isEmpty { paragraphs.append(Paragraph(again, lead: "     ")) }
        if !recorded.isEmpty { paragraphs.append(Paragraph("On record: \(recorded)", lead: "     ")) }
        return paragraphs
    }

    /// The same in a line or two, for a page that needs its room: time, step or gate, and whom it waits for.
    package var brief: Paragraph {
        let index = lines.firstIndex { $0.status == .now } ?? lines.firstIndex { $0.status == .next }
        guard let index else { return Paragraph("\(timing). \(acting)", style: .faint) }
        let line = lines[index]
        let who = line.step.gate == nil ? line.detail : wanted.isEmpty ? "everybody has signed" : wanted
        return Paragraph("\(timing). Step \(index + 1) of \(lines.count), \(line.step.rawValue): \(who)", style: .faint)
    }

    /// The same while people are asked something at the screen, and the program waits for their answer.
    package var asking: Overview {
        var copy = self
        if Self.idle.contains(acting) { copy.acting = "To answer what is asked below." }
        return copy
    }

    /// What is left when the time, which passes by itself, is left out.
    var lasting: Overview {
        var copy = self
        copy.now = Timestamp(epochSeconds: 0)
        copy.expected = ""
        return copy
    }

    private static func window(_ lines: [Line], room: Int) -> Range<Int> {
        guard lines.count > room else { return 0..<lines.count }
        let now = lines.firstIndex { $0.status == .now } ?? lines.lastIndex { $0.status == .done } ?? 0
        let first = min(max(0, now - 1), lines.count - room)
        return first..<(first + room)
    }

    private static func paragraph(_ line: Line) -> Paragraph {
        let (mark, style): (String, Paragraph.Style) =
            switch line.status {
            case .done: ("[x]", .plain)
            case .now: ("[>]", .strong)
            case .next: ("[ ]", .faint)
            case .skipped: ("[-]", .faint)
            }
        let name = line.step.rawValue
        return Paragraph(
            line.detail, lead: " \(mark) \(name)" + String(repeating: " ", count: max(1, 12 - name.count)), style: style
        )
    }
}

extension Step {
    /// The gate that this step is, if it is one.
    var gate: Gate? { Gate(rawValue: rawValue) }
}

extension Record {
    /// The host of an air gap whose turn it is, or to which the folder is carried; nil where there is no gap.
    fileprivate var host: String? {
        plan.gap.flatMap { gap in turns.carried?.to ?? turns.holder.map { gap[$0].host } }
    }
}
