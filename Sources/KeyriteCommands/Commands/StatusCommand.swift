import ArgumentParser
import Ceremony
import Evidence
import Room

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Where a ceremony stands, and who must act.")

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: "text or json.")
    var format = OutputFormat.text

    private struct Report: Encodable {
        struct Ahead: Encodable {
            let name: String
            /// When it counts.
            let from: Timestamp
        }
        struct Next: Encodable {
            let gate: String?
            let attempt: Int?
            /// Who must act: who can still sign, or the administrator.
            let who: [String]
            /// Who signed since the last run, which has still to record it.
            let signed: [String]
            /// Who signed at a time that this host's clock has not reached.
            let ahead: [Ahead]
            /// Whether the next thing to do is `keyrite run`.
            let run: Bool
            /// Why it is signed once more.
            let why: String?
            /// Who refused it before, and why.
            let refused: String?
        }
        /// Whose turn it is across an air gap.
        struct Turn: Encodable {
            let host: String
            /// The hand-over that is carried there and not received yet.
            let carried: Int?
        }
        /// The plan's window, once it is over in the middle of a ceremony: then nothing is done any more.
        struct OverWindow: Encodable {
            let since: Timestamp
            let leftBehind: [String]
        }
        struct Slot: Encodable {
            let slot: String
            let done: [String]
        }
        let schema = "keyrite.status/1"
        let ceremony: String
        let closed: Bool
        let aborted: Aborted?
        let lines: Int
        let passed: [String]
        let next: Next
        let turn: Turn?
        /// Nil while it lasts, and of what is closed.
        let windowOver: OverWindow?
        let slots: [Slot]
    }

    func run() throws {
        let disk = try CeremonyFolder.open(folder)
        var record = try FrozenCeremony(reading: disk).emptyRecord
        if try disk.files().contains(Transcript.path) {
            try record.replay(try Transcript(parsingWholeLinesOf: try disk.read(Transcript.path)), folder: disk)
        }
        let report = Self.report(record, in: disk, at: SystemClock().now())
        switch format {
        case .json: try Output.json(report)
        case .text: show(report)
        }
    }

    private static func report(_ record: Record, in folder: DiskFolder, at now: Timestamp) -> Report {
        let over = overWindow(record, at: now)
        let open = record.gates.open
        let unrecorded = record.unrecorded(in: folder, at: now)
        let missing = record.missing(beside: unrecorded)
        let isRunDue =
            !record.closed && over == nil
            && (open == nil || missing.isEmpty || unrecorded.contains { $0.decision == .refuse })
        let who =
            if let open, !isRunDue, over == nil {
                missing.flatMap { record.approvers(of: $0.role, at: open.statement.gate) }.filter { member in
                    member.isValid(at: now) && !open.approvals.contains { $0.name == member.name }
                        && !unrecorded.contains { $0.name == member.name }
                }
            } else {
                record.closed ? [] : record.roster.members.filter { $0.role == .administrator }
            }
        return Report(
            ceremony: record.plan.ceremony, closed: record.closed, aborted: record.aborted,
            lines: record.transcript.anchor.seq,
            passed: record.gates.passed.map(\.statement.gate.rawValue),
            next: .init(
                gate: open?.statement.gate.rawValue, attempt: open?.statement.attempt, who: who.map(\.name),
                signed: unrecorded.map(\.name),
                ahead: record.waitingForClock(in: folder, at: now).map { .init(name: $0.name, from: $0.at) },
                run: isRunDue,
                why: record.closed ? nil : record.whySignedAgain,
                refused: record.closed ? nil : record.refusal(in: folder)?.words),
            turn: turn(record), windowOver: over,
            slots: record.plan.slots.map { .init(slot: $0.slot, done: done(record.slots[$0.slot])) })
    }

    private static func overWindow(_ record: Record, at now: Timestamp) -> Report.OverWindow? {
        guard !record.closed, now > record.plan.window.until else { return nil }
        return .init(since: record.plan.window.until, leftBehind: LeftBehind(of: record, at: now).things)
    }

    private static func turn(_ record: Record) -> Report.Turn? {
        guard let gap = record.plan.gap, !record.closed else { return nil }
        if let carried = record.turns.carried { return .init(host: carried.to, carried: carried.number) }
        return record.turns.holder.map { .init(host: gap[$0].host, carried: nil) }
    }

    private static func done(_ progress: SlotProgress?) -> [String] {
        guard let progress else { return [] }
        let steps: [(String, Bool)] = [
            ("generated", progress.generated != nil), ("created", progress.created != nil),
            ("fetched", !progress.fetched.isEmpty),
            ("wrapped", !progress.blobs.isEmpty), ("imported", progress.imported != nil),
            ("proved", progress.proved != nil), ("rotated", progress.rotated != nil),
            ("alias-set", progress.aliasSet != nil), ("revoked", progress.revoked != nil),
            ("verified", progress.isVerified), ("settled", progress.settled != nil),
        ]
        return steps.filter(\.1).map(\.0)
    }

    private func show(_ report: Report) {
        var table = Table("SLOT", "DONE")
        for slot in report.slots {
            table.add(slot.slot, slot.done.isEmpty ? "nothing yet" : slot.done.joined(separator: ", "))
        }
        Output.data(table.text)
        Output.data("")
        if let aborted = report.aborted { Output.data("It was ended early by \(aborted.by): \(aborted.reason)") }
        if report.closed {
            Output.data("Ceremony \(report.ceremony) is closed after \(report.lines) lines.")
        } else if let over = report.windowOver {
            Output.data(
                "The plan's window is over since \(over.since): nothing is done or signed in this ceremony any more, and it stays "
                    + "unclosed. Next: \(report.next.who.joined(separator: ", ")) with a new plan"
                    + (over.leftBehind.isEmpty ? "." : ", and first with what this one leaves behind:"))
            for left in over.leftBehind { Output.data("- \(left)") }
        } else {
            Output.data(standing(report))
        }
        if let why = report.next.why { Output.data(why) }
        if let refused = report.next.refused { Output.data(refused) }
        for ahead in report.next.ahead {
            Output.data(
                "\(ahead.name) signed at \(ahead.from), which this host's clock has not reached: it counts from then on. Check the "
                    + "clocks here and where it was signed.")
        }
    }

    private func standing(_ report: Report) -> String {
        let next = report.next
        let who = next.who.joined(separator: ", ")
        let carried = report.turn?.carried.map { ", where hand-over \($0) is to be carried" } ?? ""
        let run = "Next: \(who) with keyrite run\(report.turn.map { " at \($0.host)" } ?? "")\(carried)"
        guard let gate = next.gate, let attempt = next.attempt else { return "No gate is open. \(run)" }
        let signed = next.signed.isEmpty ? "" : " Signed since the last run by: \(next.signed.joined(separator: ", "))."
        return "The gate \(gate), attempt \(attempt), is open.\(signed) "
            + (next.run ? run : "It can be signed by: \(who)")
    }
}
