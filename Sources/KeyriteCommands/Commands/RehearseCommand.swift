import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse", abstract: "A whole ceremony on SoftHSM and the embedded KMS.")

    @Flag(help: "The participants answer for themselves.")
    var auto = false
    @Option(help: ArgumentHelp("How many keys, 1 to 1000.", valueName: "number"))
    var keys = 1
    @Option(help: "What is done with them: rotate, import, replace, reimport or revoke.")
    var strategy = Strategy.rotate
    @Option(
        help: ArgumentHelp(
            "What the keys are, by KMS's key specs; several, each with the option before it, take turns.",
            valueName: "spec"))
    var keySpec: [KeySpec] = [.symmetric]
    @Option(help: ArgumentHelp("The wrapping keys: RSA_2048, RSA_3072 or RSA_4096.", valueName: "spec"))
    var wrappingKeySpec = "RSA_4096"
    @Flag(
        help:
            "Who looks, makes keys, fetches, imports and activates calls KMS in a role of its own, which may do nothing else."
    )
    var roles = false
    @Flag(help: "Two hosts hold it, with nothing but the folder carried between them; here both are this machine.")
    var gap = false
    @Option(help: ArgumentHelp("A folder to make for it all; it must not exist.", valueName: "folder"))
    var out: String?

    func validate() throws {
        guard (1...1000).contains(keys) else { throw ValidationError("--keys is a number from 1 to 1000") }
        if strategy == .rotate, let other = keySpec.first(where: { !$0.keepsMaterials }) {
            throw ValidationError(
                "keys of the kind \(other.rawValue) have one material for ever: take --strategy import or replace")
        }
        if strategy == .revoke || strategy == .reimport, let other = keySpec.first(where: { !$0.keepsMaterials }) {
            throw ValidationError("KMS does not name the material of keys of the kind \(other.rawValue)")
        }
        guard Wrapping(keySpec: wrappingKeySpec).modulusBits != nil else {
            throw ValidationError("--wrapping-key-spec is RSA_2048, RSA_3072 or RSA_4096")
        }
    }

    func run() async throws {
        try refuseStandingFolder()
        try NewPlace.requireOutsideEvidence(outFolder)
        if auto {
            try await answerForThemselves()
        } else {
            let (summary, folder) = try await TerminalSession.hold(
                otherwise: "Rehearse at a terminal, or add --auto: then the participants answer for themselves"
            ) { try await attend($0) }
            Output.toPeople(summary)
            Output.data(folder)
        }
    }

    private func answerForThemselves() async throws {
        let start = ContinuousClock.now
        let room = try await makeRoom()
        defer { room.stop() }
        let ending = EndingSignals { room.abandon() }
        defer { ending.cancel() }
        let defined = try await rehearsedKeys.seed(aliases, in: room)
        Output.toPeople("The room is set up in \((ContinuousClock.now - start).seconds): \(room.root)")
        if gap { return try await crossGap(in: room, defined, since: start) }
        let rehearsal = try Rehearsal(room: room, folder: room.root + "/ceremony")
        Output.toPeople(try await rehearsal.freeze(definition(of: defined)))
        let record = try await rehearsal.hold()
        Output.toPeople(try summary(of: record, rehearsal.progress, room, rehearsal.folder.root, since: start))
        Output.data(rehearsal.folder.root)
    }

    private func crossGap(
        in room: RehearsalSite, _ defined: [DefinedKey], since start: ContinuousClock.Instant
    ) async throws {
        let rehearsal = try await GappedRehearsal(room: room)
        Output.toPeople(try await rehearsal.freeze(definition(of: defined), keySpec))
        let record = try await rehearsal.hold()
        Output.toPeople(try summary(of: record, rehearsal.progress, room, rehearsal.ceremony, since: start))
        Output.data(rehearsal.ceremony)
    }

    /// - Returns: The summary, and the evidence folder's path.
    private func attend(_ terminal: TerminalDevice) async throws -> (String, String) {
        let start = ContinuousClock.now
        terminal.write("The room is being set up.\n")
        let room = try await makeRoom()
        defer { room.stop() }
        let defined = try await rehearsedKeys.seed(aliases, in: room)
        let screen = AttendedScreen(
            terminal, leaving: "leave ends this rehearsal for good: its HSM and KMS end with the program.")
        let cards = "Each participant's card with the PIN of their token: \(room.root)/people/\n"
        let (record, ceremony): (Record, String)
        if gap {
            let rehearsal = try await GappedRehearsal(room: room)
            terminal.write(try await rehearsal.freeze(definition(of: defined), keySpec) + "\n" + cards)
            (record, ceremony) = try await rehearsal.attend(screen)
        } else {
            let rehearsal = try Rehearsal(room: room, folder: room.root + "/ceremony")
            terminal.write(try await rehearsal.freeze(definition(of: defined)) + "\n" + cards)
            (record, ceremony) = (try await rehearsal.attend(screen), rehearsal.folder.root)
        }
        return (try summary(of: record, screen.times, room, ceremony, since: start), ceremony)
    }

    private func makeRoom() async throws -> RehearsalSite {
        try await RehearsalSite.build(
            at: outFolder,
            program: try Program.path(), hostsModule: keySpec.contains(where: \.exceedsTokenServer),
            rolesApart: roles, wrappingKeysAhead: wrappingKeySpec)
    }

    /// Where the room is made.
    private var outFolder: String { out ?? "keyrite-rehearsal-\(SystemClock().now().sshForm)" }

    /// Before anybody is asked anything, or missed: whose rehearsal was killed may believe that it goes on from there.
    private func refuseStandingFolder() throws {
        var found = stat()
        guard let out, lstat(out, &found) == 0 else { return }
        guard ["softhsm", "emulator.log"].allSatisfy({ access("\(out)/\($0)", F_OK) == 0 }) else {
            throw CeremonyError(
                .invalidInput, "\(out) exists already",
                remedy: "Name one that does not exist yet for the rehearsal's room")
        }
        throw CeremonyError(
            .invalidInput, "\(out) has an earlier rehearsal, which is over, or was killed",
            remedy:
                "It is not resumed: its HSM and its KMS ended with it. Name another folder for this one. What is there stays as it "
                + "is; how far it got, this says: \(try ShellCommand.keyrite("verify", out + "/ceremony"))")
    }

    private var rehearsedKeys: RehearsedKeys { RehearsedKeys(strategy: strategy, keySpecs: keySpec) }

    private func summary(
        of record: Record, _ progress: RunProgress, _ room: RehearsalSite, _ ceremony: String,
        since start: ContinuousClock.Instant
    ) throws -> String {
        """
        \(RehearsalSummary(record: record, progress: progress).text)
        All in all \((ContinuousClock.now - start).seconds). To verify the evidence:
        \(try ShellCommand.keyrite("verify", ceremony)) \\
          --roster \(SHA256Digest(of: room.rosterBytes).hex)
        """
    }

    private func definition(of keys: [DefinedKey]) -> Definition {
        Definition(
            title: rehearsedKeys.title, windowHours: 24,
            wrapping: Wrapping(keySpec: wrappingKeySpec), keys: keys)
    }

    /// `alias/service-environment`, as the customers of the rehearsal's company have them.
    private var aliases: [String] {
        let services = ["payments", "orders", "ledger", "customers", "claims", "archive"]
        return (0..<keys).map { index in
            index < services.count ? "alias/\(services[index])-production" : "alias/service\(index + 1)-production"
        }
    }
}
