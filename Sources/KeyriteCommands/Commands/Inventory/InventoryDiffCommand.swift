import AWS
import ArgumentParser
import Ceremony
import Estate
import Evidence
import Foundation

struct InventoryDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What changed between two snapshots of the same accounts.",
        discussion: "What one of them could not read is neither new nor gone. Exit code 5: they differ.")

    @Argument(help: "The older snapshot.")
    var old: String
    @Argument(help: "The newer snapshot.")
    var new: String
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
        let diff = try InventoryDiff(from: try Self.snapshot(old).snapshot, to: try Self.snapshot(new).snapshot)
        let shown = InventoryDiffWords(diff)
        switch format {
        case .text: Output.data(shown.text)
        case .json: try Output.json(shown.json)
        }
        guard diff.changes.isEmpty else { throw ExitStatus.findings }
    }

    /// What a file holds, and its bytes.
    static func snapshot(_ path: String) throws -> (snapshot: InventorySnapshot, bytes: [UInt8]) {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard let size, size <= InventorySnapshot.limit, let data = FileManager.default.contents(atPath: path) else {
            throw EstateError(path, "it cannot be read; check the path, its permissions and its size")
        }
        return (try InventorySnapshot([UInt8](data), from: path), [UInt8](data))
    }
}
