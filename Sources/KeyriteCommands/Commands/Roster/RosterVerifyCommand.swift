import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import Room

struct RosterVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a roster and every one before it, offline.")

    @Argument(help: "The roster folder.")
    var folder: String
    @Option(
        help: ArgumentHelp("The SHA-256 of any of its rosters, carried here outside the folder.", valueName: "sha256"))
    var roster: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text

    private struct Report: Encodable {
        let schema = "keyrite.roster-verify/1"
        let verdict: String
        let place: String?
        let reason: String?
        let checks: [Check]
    }

    func run() throws {
        let anchor = try DigestOption.read(roster, "--roster")
        var checks: [Check] = []
        var fault: EvidenceError?
        do { checks = try Self.check(try DiskFolder(at: folder), anchor) } catch let error as EvidenceError {
            fault = error
        }
        switch format {
        case .text: show(checks, fault, isAnchored: anchor != nil)
        case .json:
            try Output.json(
                Report(
                    verdict: fault != nil ? "refused" : anchor == nil ? "consistent-not-trusted" : "verified",
                    place: fault?.path, reason: fault?.reason, checks: checks))
        }
        guard fault == nil, anchor != nil else { throw ExitStatus.notVerified }
    }

    /// - Throws: `EvidenceError` for the first thing that does not hold, or is missing.
    private static func check(_ folder: DiskFolder, _ anchor: SHA256Digest?) throws -> [Check] {
        let rosters: RosterChain
        do {
            rosters = try RosterChain(reading: folder)
            try rosters.requireNoOthers(in: folder)
        } catch let fault as RosterFault { throw fault.evidence }
        var checks: [Check] = []
        if let anchor {
            guard let number = rosters.number(of: anchor) else {
                throw EvidenceError(
                    Roster.path, "its SHA-256 is \(rosters.current.digest.hex), not the expected \(anchor.hex)")
            }
            checks.append(Check("roster \(number) of \(rosters.count)", against: "the SHA-256 you gave", .signed))
        }
        // Signatures by people whom nobody vouched for are worth what the folder is worth.
        let worth: Standing = anchor == nil ? .consistent : .signed
        let people = rosters.first.roster.members.count
        checks.append(Check("roster 1", against: "the keys of all \(people) members", worth))
        for change in rosters.changes {
            let (agreed, newcomers) = (change.consenting.filter(change.isAgreed), change.accepting)
            let names = { (members: [Member]) in members.map(\.name).joined(separator: ", ") }
            let others = newcomers.isEmpty ? "" : ", and of \(names(newcomers)) in it"
            checks.append(
                Check(
                    "roster \(change.roster.sequence)",
                    against: "the keys of \(names(agreed)) in the one before\(others)", worth))
        }
        return checks
    }

    private func show(_ checks: [Check], _ fault: EvidenceError?, isAnchored: Bool) {
        if let fault { return Output.data("REFUSED: \(fault)") }
        var table = Table("STANDING", "WHAT HOLDS", "AGAINST")
        for check in checks { table.add(check.standing.rawValue, check.what, check.against) }
        Output.data(table.text + "\n")
        Output.data(
            isAnchored
                ? "VERIFIED: the roster belongs to the chain of the one you named, and is signed by all who must."
                : """
                CONSISTENT, NOT TRUSTED: the rosters fit one another, but anybody could have made them
                so. Give the SHA-256 of one of them, as it reached you outside: --roster SHA256
                """)
    }
}
