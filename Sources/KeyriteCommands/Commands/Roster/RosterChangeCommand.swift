import ArgumentParser
import Ceremony
import Evidence
import Room

struct RosterChangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Make the roster that follows one, for its quorum and the newcomers to sign.")

    @Argument(help: "The folder of the roster that is to be changed, signed by all who must.")
    var folder: String
    @Option(help: ArgumentHelp("Who is to be on it, and what each gate needs (YAML).", valueName: "file"))
    var definition: String
    @Option(help: ArgumentHelp("The roster folder to make; it must not exist.", valueName: "folder"))
    var out: String

    func run() throws {
        let last = try RosterFolder(at: folder).rosters
        let definition = try RosterDefinition(yaml: try InputFile.text(self.definition), file: self.definition)
        var files = last.filesBeforeNext
        files[Roster.path] = try definition.next(after: last.current).json()
        try RosterFolder.make(at: out, files)
    }
}
