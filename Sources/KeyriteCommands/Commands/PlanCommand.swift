import ArgumentParser
import Ceremony
import Evidence
import Room

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Freeze a plan from a definition, a site and a roster.")

    @Option(help: ArgumentHelp("What the ceremony is to do (YAML).", valueName: "file"))
    var definition: String
    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String
    @Option(help: ArgumentHelp("The folder with the roster, and those before it.", valueName: "folder"))
    var roster: String
    @Option(help: ArgumentHelp("The ceremony folder to make; it must not exist.", valueName: "folder"))
    var out: String
    @Option(
        help: ArgumentHelp(
            "Hold it across an air gap: the card of the HSM host (keyrite host card), its .sig beside it.",
            valueName: "file"))
    var hsmHost: String?

    func run() async throws {
        let site = try InputFile.site(self.site)
        let definition = try Definition(yaml: try InputFile.text(self.definition), file: self.definition)
        try site.requireRehearsal()
        let rosters = try RosterFolder(at: roster).rosters
        try site.require(rosters.current.roster.mode)
        try NewPlace.requireOutsideEvidence(out)
        let folder = try DiskFolder.create(at: out)
        var crossing: GapPlanning?
        let plan: Plan
        do {
            try folder.requireOwnDisk()
            crossing = try await self.crossing(at: site)
            let identity = try Planner.Identity(at: SystemClock().now())
            let ports = try site.ports(
                folder: folder, progress: RunProgress(), lend: HostKeyTerminal.lend,
                ceremony: identity.ceremony, mfaCode: MFADialogue.code)
            let planner = Planner(ports: crossing.map { ports.planning(with: $0.card) } ?? ports)
            plan = try await WorkLine.during(WorkLine.looking) {
                try await planner.freeze(
                    definition, rosterFiles: rosters.files, gap: crossing?.gap, identity: identity)
            }
            try plan.requireMendablePolicies()
        } catch {
            folder.discard()
            try? crossing?.discard()
            throw error
        }
        if let crossing { HostText.card(crossing.card, digest: crossing.cardDigest) }
        let next = try ShellCommand.keyrite("run", folder.root, "--site", self.site)
        Output.toPeople("Ceremony \(plan.ceremony) is frozen: \(Counted.text(plan.slots.count, "key")). Next: \(next)")
        if let unchecked = Self.unchecked(plan) { Output.toPeople(unchecked) }
        Output.data(folder.root)
    }

    /// Which HSM keys nobody holds to anything before KMS does: after two gates were signed.
    private static func unchecked(_ plan: Plan) -> String? {
        let slots = plan.slots.filter { $0.strategy == .reimport && $0.reimported?.checkValues == nil }.map(\.slot)
        guard !slots.isEmpty else { return nil }
        return
            "Without check values of the HSM key: \(slots.joined(separator: ", ")). Whether it is the right key, KMS alone tells then, "
            + "at the import. The ceremony that imported it has them in its transcript (generated): checkValues."
    }

    /// The air gap that the ceremony is to be held across, if any.
    private func crossing(at site: Site) async throws -> GapPlanning? {
        guard let hsmHost else {
            try GapPlanning.requireNone(at: site)
            return nil
        }
        return try await GapPlanning(
            at: site, card: try InputFile.bytes(hsmHost), signature: try InputFile.bytes(hsmHost + ".sig"),
            file: hsmHost, lend: HostKeyTerminal.lend)
    }
}
