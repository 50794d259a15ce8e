import ArgumentParser
import Estate

struct InventoryDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What changed between two snapshots of the same accounts.",
        discussion: """
            What one of them could not read is neither new nor gone. When keys were used last, and how often and when callers \
            called, is not compared: that is another each time. Exit code 5: they differ.
            """)

    @Argument(help: "The older snapshot.")
    var old: String
    @Argument(help: "The newer snapshot.")
    var new: String
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
        let diff = try InventoryDiff(from: try SnapshotFile(at: old).snapshot, to: try SnapshotFile(at: new).snapshot)
        let shown = InventoryDiffWords(diff)
        switch format {
        case .text: Output.data(shown.text(width: OutputWidth.columns))
        case .json: try Output.json(shown.json)
        }
        guard diff.changes.isEmpty else { throw ExitStatus.findings }
    }
}
