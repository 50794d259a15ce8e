import AWS
import ArgumentParser
import Ceremony
import Disk
import Evidence
import PKCS11
import Room

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Go as far as the approvals allow; resume anywhere.")

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String
    @Option(help: ArgumentHelp("The last step to take.", valueName: "step"))
    var until: Step?
    @Flag(help: "People sit at this terminal: they sign the gates here, and put on record what they want to.")
    var attended = false
    @Option(
        help: ArgumentHelp(
            "Across an air gap: the 16 words that the other host showed; without it they are asked for.",
            valueName: "words"))
    var words: String?
    @Option(
        help: ArgumentHelp(
            "Why the ceremony goes on with another machine or program than planned; that is an exception on record.",
            valueName: "why"))
    var moved: String?
    @Option(name: .customLong("as"), help: ArgumentHelp("The administrator, who says so.", valueName: "name"))
    var name: String?
    @OptionGroup var checkpoints: CheckpointOptions

    func validate() throws {
        guard (moved == nil) == (name == nil) else {
            throw ValidationError("--moved and --as go together: why, and the administrator who says so")
        }
    }

    /// What is said of another machine or program than planned.
    private var saidMoved: Moved? {
        guard let moved, let name else { return nil }
        return Moved(by: name, why: moved)
    }

    func run() async throws {
        let site = try InputFile.site(site)
        let checkpoint = try checkpoints.checkpoint(at: site)
        let folder = try CeremonyFolder.open(folder)
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        if attended {
            let (outcome, leftUndone) = try await attend(site, folder)
            if outcome == .closed { await TimeStampCommand.afterClose(of: folder, at: site, file: self.site) }
            return try await report(outcome, folder, nil, leftUndone)
        }
        let ports = try site.ports(
            folder: folder, progress: RunProgress(), lend: HostKeyTerminal.lend,
            confirming: { [words] in try await HandoverWords.confirm($0, of: $1, given: words) },
            mfaCode: MFADialogue.code)
        let engine = try Engine(opening: checkpoint.map(ports.checked) ?? ports)
        try site.require(await engine.record.plan.mode)
        try await engine.record.requireMendablePolicies()
        let outcome: Outcome
        do {
            outcome = try await WorkLine.during(WorkLine.looking) {
                try await engine.run(until: until, moved: saidMoved)
            }
        } catch let error where Interrupted.isOfPort(error) {
            throw Interrupted.reported(error)
        }
        if outcome == .closed { await TimeStampCommand.afterClose(of: folder, at: site, file: self.site) }
        try await report(outcome, folder, engine, await engine.leftUndone)
    }

    private func attend(_ site: Site, _ folder: DiskFolder) async throws -> (Outcome, leftUndone: [String]) {
        guard checkpoints.isEmpty else {
            throw CeremonyError(.invalidInput, "An attended run has no checkpoints", remedy: "Leave out --attended")
        }
        return try await TerminalSession.hold(
            otherwise: "Run it at a terminal, or without --attended: then people sign with keyrite approve"
        ) { terminal in
            let screen = AttendedScreen(
                terminal,
                leaving: "leave stops the program; keyrite run goes on another time where the ceremony stands.")
            let ceremony = try AttendedCeremony(
                site: site, folder: folder, screen: screen, words: words, lend: { try await terminal.lend($0) })
            try site.require(await ceremony.record.plan.mode)
            try await ceremony.record.requireMendablePolicies()
            let outcome = try await ceremony.hold(until: until, moved: saidMoved)
            return (outcome, await ceremony.leftUndone)
        }
    }

    private func report(
        _ outcome: Outcome, _ folder: DiskFolder, _ engine: Engine?, _ leftUndone: [String]
    ) async throws {
        for left in leftUndone { Output.toPeople(left) }
        switch outcome {
        case .closed:
            if let sealed = try HandoverWords.leftSealed(in: folder) { Output.toPeople(sealed) }
            let mode = try FrozenCeremony(reading: folder).plan.mode.rawValue
            Output.toPeople(
                "The ceremony is closed. Have it verified with the roster's SHA-256, as it was carried outside the folder: add "
                    + "--roster SHA256, without which nothing is trusted. Next: "
                    + (try ShellCommand.keyrite("verify", folder.root, "--expect", mode)))
        case .reached(let step): Output.toPeople("Stopped after \(step.rawValue), as asked.")
        case .handedOver(let number, let host, let words):
            Output.toPeople(HandoverWords.text(number: number, to: host, words: words, folder: folder.root))
            throw ExitStatus.waiting
        case .waiting(let gate, let attempt, let missing):
            Output.toPeople(Waiting.text(gate, attempt, missing))
            if let why = await engine?.record.whySignedAgain { Output.toPeople(why) }
            if let refusal = await engine?.record.refusal(in: folder) { Output.toPeople(refusal.words) }
            if let engine { await Waiting.fetchAhead(engine) }
            throw ExitStatus.waiting
        }
    }
}

/// A run that ended in the middle.
enum Interrupted {
    /// Whether a token, the disk or AWS failed, or the way there; such an error knows of no ceremony.
    static func isOfPort(_ error: any Error) -> Bool {
        switch error {
        case is PKCS11Error, is PINRefused, is HostedError, is DiskError: true
        case AWSError.unreachable, AWSError.untrusted, AWSError.noAnswer, AWSError.unanswered: true
        case let stopped as StoppedUnknowing: isOfPort(stopped.error)
        default: false
        }
    }

    /// Says what happened and how it goes on.
    ///
    /// - Returns: How the command ends.
    static func reported(_ error: any Error) -> ExitStatus {
        Output.toPeople("keyrite: \(Program.words(for: error))")
        Output.toPeople(
            "The ceremony stands where it was. Run again once that is mended: it looks first at what did happen.")
        return ExitStatus(for: error)
    }
}

/// Who is waited for, in words.
enum Waiting {
    static func text(_ gate: Gate, _ attempt: Int, _ missing: [GateRequirement]) -> String {
        let people = missing.map { Counted.text($0.count, $0.role.rawValue) }.joined(separator: " and ")
        return "The gate \(gate.rawValue), attempt \(attempt), waits for \(people)."
    }

    /// Uses the time in which people sign. What does not work now is tried again when its turn comes.
    static func fetchAhead(_ engine: Engine) async {
        do {
            try await WorkLine.during("fetching wrapping keys ahead") { try await engine.fetchWhilePeopleSign() }
        } catch {
            Output.toPeople("Fetching wrapping keys ahead did not work, and will be tried again: \(error)")
        }
    }
}

/// A number of things, in words.
enum Counted {
    /// - Parameter thing: One of them, whose plural has an s.
    static func text(_ count: Int, _ thing: String) -> String {
        "\(count) \(thing)\(count == 1 ? "" : "s")"
    }
}
