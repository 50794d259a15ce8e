import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import Room

struct AttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest", abstract: "Sign a closed ceremony as a whole, for in-toto's tools (DSSE).")

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(name: .customLong("as"), help: ArgumentHelp("Who signs, as the roster has them.", valueName: "name"))
    var name: String
    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String
    @Flag(help: "Rehearsal only: the participant attests without being asked.")
    var auto = false

    func run() async throws {
        let site = try InputFile.site(site)
        let folder = try CeremonyFolder.open(folder)
        let (roster, _) = try FrozenCeremony.roster(in: folder)
        try site.require(roster.mode)
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let attester = Attester(folder: folder, clock: SystemClock())
        let isNew =
            auto
            ? try await attester.attest(as: name, signer: try site.signer(of: try roster.knownMember(named: name))) {
                statement, _, reconciliation in
                try Self.requireRehearsal(statement)
                if let reconciliation { Output.toPeople("AWS's own record: \(reconciliation.words)") }
            } : try await ask(attester, roster, site, folder)
        Output.toPeople(
            isNew ? "\(name) has attested the ceremony: \(Attestation.path)" : "\(name) had attested it already.")
    }

    private func ask(
        _ attester: Attester, _ roster: Roster, _ site: Site, _ folder: DiskFolder
    ) async throws -> Bool {
        let person = try roster.knownMember(named: name)
        return try await TerminalParticipant.decide(
            as: person, in: folder,
            signer: { participant, _ in
                try AskedPINSigner(
                    site: site, participant, listed: ListedKey(of: person), admit: AskedPINSigner.noRisk)
            }
        ) { participant, signer in
            try await attester.attest(as: name, signer: signer) { statement, bytes, reconciliation in
                try await participant.confirm(statement, bytes: bytes, beside: reconciliation)
            }
        }
    }

    private static func requireRehearsal(_ statement: CeremonyStatement) throws {
        guard statement.predicate.mode == .rehearsal else {
            throw CeremonyError(
                .invalidInput, "Nobody answers for themselves in a live ceremony", remedy: "Attest it in person")
        }
    }
}

extension AttendedParticipant {
    /// Shows what is to be attested.
    ///
    /// - Throws: `SteppedBack` unless the person types the word.
    fileprivate func confirm(
        _ statement: CeremonyStatement, bytes: [UInt8], beside reconciliation: RecordedReconciliation?
    ) async throws {
        let digest = SHA256Digest(of: bytes)
        let unseen = try await desk.read(
            Self.text(statement, digest) + Self.text(reconciliation),
            title: "\(person.name) (\(person.role.rawValue)): read what you attest.",
            keys: keys, overview: overview)
        if let unseen {
            desk.stage.notice("\(unseen) Nobody attests what they did not read: anything typed here ends it.")
        }
        let said = try await desk.line("attest: ", keys: keys) {
            View(body: [Paragraph("Type attest, all of it, to sign it. Anything else signs nothing.")])
        }
        guard said == "attest", unseen == nil else { throw SteppedBack() }
    }

    private static func text(_ reconciliation: RecordedReconciliation?) -> [Paragraph] {
        guard let reconciliation else { return [] }
        return [
            .blank, Paragraph("AWS's own record: \(reconciliation.words)", style: .strong),
            Paragraph("So says \(ReconciliationFile.path), which is none of these: your signature is not over it."),
        ]
    }

    private static func text(_ statement: CeremonyStatement, _ digest: SHA256Digest) -> [Paragraph] {
        let predicate = statement.predicate
        let fields =
            [
                ("Ceremony", predicate.ceremony), ("Mode", predicate.mode.rawValue), ("Closed", "\(predicate.closed)"),
                ("Roster", predicate.roster.hex), ("Plan", predicate.plan.hex), ("Lines", "\(predicate.lines)"),
                ("Head", predicate.head.hex),
            ] + (predicate.schema.map { [("Form", $0)] } ?? [])
        let width = (fields + [("in words", "")]).map(\.0.count).max() ?? 0
        func field(_ name: String, _ text: String) -> Paragraph {
            Paragraph(text, lead: "  \(name)\(String(repeating: " ", count: width - name.count))  ")
        }
        return [
            Paragraph("A closed ceremony, and every file of it", style: .strong), .blank,
        ] + fields.map { field($0.0, $0.1) } + [.blank]
            + statement.subject.map { Paragraph($0.name, lead: "  \($0.digest.sha256.hex)  ") }
            + [
                .blank, field("SHA-256", digest.hex),
                field("in words", PGPWords.spell(digest.bytes).joined(separator: " ")),
            ]
    }
}
