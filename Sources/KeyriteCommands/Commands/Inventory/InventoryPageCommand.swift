import AWS
import ArgumentParser
import CryptoPrimitives
import Estate

struct InventoryPageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page",
        abstract: "A snapshot as a page for a browser: which alias leads to which key, and what uses it.",
        discussion: """
            One file of HTML that needs nothing else, asks no server for anything, and holds all that the snapshot does of \
            keys and their uses: keep it as you keep the snapshot.
            """)

    @Argument(help: "The snapshot, as keyrite inventory --out wrote it.")
    var snapshot: String
    @Option(help: ArgumentHelp("Where to write the page.", valueName: "file"))
    var out: String

    func run() throws {
        let output = try OutputFile(at: out, replacing: .page, inputs: [snapshot])
        let file = try SnapshotFile(at: snapshot)
        let page = InventoryPage(file.snapshot, digest: SHA256Digest(of: file.bytes).hex)
        try output.write(Array(page.html.utf8))
    }
}
