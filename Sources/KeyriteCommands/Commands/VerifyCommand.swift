import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import Room

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check an evidence folder, offline.",
        discussion: """
            Exit code 4: it does not hold, is not anchored or not closed. Exit code 5: it does, and has findings on \
            record of AWS's own record, which does not agree with it.
            """)

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: ArgumentHelp("The roster's SHA-256, carried here outside the folder.", valueName: "sha256"))
    var roster: String?
    @Option(help: ArgumentHelp("The mode it must have been held in: live or rehearsal.", valueName: "mode"))
    var expect: Mode?
    @Option(help: ArgumentHelp("The plan's SHA-256, if that was carried here, too.", valueName: "sha256"))
    var plan: String?
    @Option(
        name: .customLong("timestamp-ca"),
        help: ArgumentHelp(
            "CA certificates (PEM) of the time stamp's authority, from outside the folder.", valueName: "file"))
    var timestampCA: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text

    private struct Report: Encodable {
        let schema = "keyrite.verify/1"
        let verdict: String
        /// Which ceremony it is, and whether live or a rehearsal; absent where the folder does not hold so far.
        let ceremony: String?
        let mode: Mode?
        /// By which roster it was held, and which one was named.
        let roster: HoldingRoster?
        let place: String?
        let reason: String?
        /// Who ended the ceremony early, and why; absent for one that was carried out whole.
        let aborted: Aborted?
        /// What may have taken effect or not when it was ended.
        let unsettled: UnsettledEffect?
        let checks: [Check]
        /// Of AWS's own record, as it was put on record; absent where it was not.
        let reconciliation: RecordedReconciliation?
        /// What no evidence can show; none where something does not hold.
        let bounds: [String]
    }

    func run() throws {
        var verifier = Verifier(
            of: try CeremonyFolder.open(folder),
            expecting: Expectations(
                roster: try DigestOption.read(roster, "--roster"), mode: expect,
                plan: try DigestOption.read(plan, "--plan"),
                timestampAuthorities: try timestampCA.map(InputFile.timestampAuthorities)))
        let result = verifier.verify()
        switch format {
        case .text: showText(result)
        case .json: try showJSON(result)
        }
        guard result.verdict == .verified else { throw ExitStatus.notVerified }
        guard result.reconciliation?.findings.isEmpty ?? true else { throw ExitStatus.findings }
    }

    private func showText(_ result: Verification) {
        var table = Table("STANDING", "WHAT HOLDS", "AGAINST")
        for check in result.checks { table.add(check.standing.rawValue, check.what, check.against) }
        Output.data(table.text)
        Output.data("")
        if result.verdict == .verified, let record = result.record {
            Output.data(VerdictText.verified(record.plan, by: result.roster))
            for line in VerdictText.ending(of: record) { Output.data(line) }
            if let words = result.reconciliation?.findingWords { Output.data(VerdictText.notAgreed + words) }
        } else {
            Output.data(VerdictText.sentence(result.verdict))
        }
        let bounds = VerdictText.bounds(of: result)
        guard !bounds.isEmpty else { return }
        Output.data("\nWhat no evidence can show:")
        for bound in bounds { for line in VerdictText.item(bound) { Output.data(line) } }
    }

    private func showJSON(_ result: Verification) throws {
        var error: EvidenceError?
        if case .refused(let refusal) = result.verdict { error = refusal }
        try Output.json(
            Report(
                verdict: VerdictText.word(result.verdict), ceremony: result.record?.plan.ceremony,
                mode: result.record?.plan.mode, roster: result.roster,
                place: error.map { $0.line.map { line in "\(error?.path ?? ""):\(line)" } ?? $0.path },
                reason: error?.reason, aborted: result.record?.aborted, unsettled: result.record?.unsettled,
                checks: result.checks, reconciliation: result.reconciliation,
                bounds: VerdictText.bounds(of: result)))
    }
}

/// A verdict in words.
enum VerdictText {
    static func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .verified: "verified"
        case .consistentNotTrusted: "consistent-not-trusted"
        case .notClosed: "not-closed"
        case .refused: "refused"
        }
    }

    /// - Parameters:
    ///   - plan: Of the ceremony that was verified.
    ///   - roster: Which one it was held by, and which one was named.
    static func verified(_ plan: Plan, by roster: HoldingRoster?) -> String {
        let ceremony = "VERIFIED: the ceremony \(plan.ceremony) (\(plan.mode.rawValue)) was held"
        guard let roster, let named = roster.vouchedFor, named != roster.number else {
            return ceremony + "\nby the roster that you named, and is closed."
        }
        return """
            \(ceremony)
            by roster \(roster.number), and is closed. You named roster \(named), from which roster \(roster.number) follows by
            changes that the quorum before each signed. Whoever has the keys of an old quorum
            can sign such a change later, too: name the newest roster that you know of.
            The SHA-256 of roster \(roster.number) is
              \(roster.sha256.hex)
            """
    }

    /// What no evidence can show: it stands under every verdict that something holds, an item a bound.
    static func bounds(of result: Verification) -> [String] {
        if case .refused = result.verdict { return [] }
        return bounds + (result.reconciliation == nil ? [] : [recordBound])
    }

    private static let bounds = [
        """
        that nothing else was done with the HSM's PINs or the IAM credentials. Gates bind the program that wrote this, \
        not whoever holds those.
        """,
        "whose the wrapping keys were, beyond the TLS that fetched them.",
        "that AWS does not know the material: it was imported, so AWS does.",
        "more than one host's word for what is marked as asserted.",
    ]

    /// What stands there besides where something is on record of AWS's own record.
    private static let recordBound = """
        that reconciliation.jsonl has what CloudTrail delivered, and all of it that is about these keys: nobody signed \
        it, and who takes it away takes its findings away. Of the files it came from, `aws cloudtrail validate-logs` tells.
        """

    /// A bound in lines, as an item of a list.
    static func item(_ bound: String) -> [String] {
        Wrap.lines(bound, width: 78).enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
    }

    /// Before how many findings there are of each kind.
    static let notAgreed = "FINDINGS: AWS's own record does not agree with it: "

    /// How a ceremony ended that was not carried out whole, who refused, and what no host signed, a sentence a line.
    static func ending(of record: Record) -> [String] {
        let aborted = record.aborted.map { "It was ended early, as the host wrote, by \($0.by): \($0.reason)" }
        let unsettled = record.unsettled.map {
            "Whether line \($0.seq), \($0.kind.rawValue), took effect is not known."
        }
        let refused = record.gates.decisions.filter { $0.decision == .refuse }.map {
            "\($0.name) refused \($0.gate.rawValue), attempt \($0.attempt): approvals/\($0.gate.rawValue)-\($0.attempt)/\($0.name).json says why."
        }
        return [aborted, unsettled].compactMap(\.self) + refused + [record.unsignedTurn].compactMap(\.self)
    }

    static func sentence(_ verdict: Verdict) -> String {
        switch verdict {
        case .verified: "VERIFIED: this ceremony was held by the roster that you named, and is closed."
        case .consistentNotTrusted:
            """
            CONSISTENT, NOT TRUSTED: the folder fits itself, but anybody could have made it
            so. Give the roster's SHA-256, as it reached you outside: --roster SHA256
            """
        case .notClosed: "NOT CLOSED: what there is holds, but nothing seals it yet."
        case .refused(let error): "REFUSED: \(error)"
        }
    }
}
