import ArgumentParser
import Ceremony
import Evidence
import Room

struct RosterNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make the first roster from a definition, for everybody on it to accept.")

    @Option(help: ArgumentHelp("Who is on it, and what each gate needs (YAML).", valueName: "file"))
    var definition: String
    @Option(help: ArgumentHelp("The roster folder to make; it must not exist.", valueName: "folder"))
    var out: String

    func run() throws {
        let definition = try RosterDefinition(yaml: try InputFile.text(self.definition), file: self.definition)
        let bytes = try definition.first().json()
        try RosterFolder.make(at: out, [Roster.path: bytes])
    }
}
