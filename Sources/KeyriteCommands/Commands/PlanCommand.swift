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

    func run() async throws {
        let site = try InputFile.site(self.site)
        let definition = try Definition(yaml: try InputFile.text(self.definition), file: self.definition)
        try site.requireRehearsal()
        let rosters = try RosterFolder(at: roster).rosters
        try site.require(rosters.current.roster.mode)
        let folder = try DiskFolder.create(at: out)
        let plan: Plan
        do {
            plan = try await Planner(ports: try site.ports(folder: folder, progress: RunProgress())).freeze(
                definition, rosterFiles: rosters.files)
        } catch {
            folder.discard()
            throw error
        }
        let next = try ShellCommand.keyrite("run", folder.root, "--site", self.site)
        Output.toPeople("Ceremony \(plan.ceremony) is frozen: \(Counted.text(plan.slots.count, "key")). Next: \(next)")
        Output.data(folder.root)
    }
}
