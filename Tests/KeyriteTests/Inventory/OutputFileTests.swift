import Foundation
import Glibc
import TestSupport
import Testing

/// What a command of inventory writes over.
@Suite("Where an inventory is written", .timeLimit(.minutes(2)))
struct OutputFileTests {
    private static let snapshot = """
        {"accounts":["111122223333"],"at":"2026-11-27T16:00:00Z","partition":"aws","regions":["eu-central-1"],\
        "schema":"keyrite.inventory/2"}

        """

    private func page(_ snapshot: String, to out: String) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out])
    }

    @Test("a page takes the place of a page alone, through a link too, and keeps its permissions; a snapshot stays")
    func page() async throws {
        let folder = try TemporaryFolder()
        let snapshot = try folder.write(Array(Self.snapshot.utf8), to: "snapshot")
        let out = folder.path + "/page.html"
        #expect(try await page(snapshot, to: out).status == 0)
        #expect(chmod(out, 0o600) == 0)
        let link = folder.path + "/link.html"
        #expect(symlink("page.html", link) == 0)
        let again = try await page(snapshot, to: link)
        #expect(again.status == 0, "\(again.stderrText)")
        let attributes = try FileManager.default.attributesOfItem(atPath: out)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "page.html")

        // Itself by other names, what is no page, and what is no file.
        let hard = folder.path + "/hard"
        #expect(Glibc.link(snapshot, hard) == 0)
        let fifo = folder.path + "/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let dangling = folder.path + "/dangling"
        #expect(symlink("nowhere", dangling) == 0)
        let letter = try folder.write(Array("Dear Sir".utf8), to: "letter")
        for (path, words) in [
            (snapshot, "is what is read"), (hard, "is what is read"), (letter, "is not a page"),
            (fifo, "no file that can be replaced"), (dangling, "leads nowhere"), (folder.path, "no file"),
            (folder.path + "/no/page", "cannot be written"),
        ] {
            let refused = try await page(snapshot, to: path)
            #expect(refused.status == 2 && refused.stderrText.contains(words), "\(path): \(refused.stderrText)")
        }
        #expect(try folder.read("snapshot") == Array(Self.snapshot.utf8))
        #expect(try folder.read("letter") == Array("Dear Sir".utf8))
        var status = stat()
        #expect(lstat(fifo, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        // A page that another made, and nothing else, is left over.
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!left.contains { $0.hasSuffix(".new") })
        #expect(try await page(snapshot, to: try folder.write([], to: "empty")).status == 0)
    }

    @Test("a snapshot takes the place of a snapshot alone, before anything is asked of AWS")
    func snapshot() async throws {
        let folder = try TemporaryFolder()
        // Nobody listens there, and nobody is asked.
        let site = try ConnectedSite.write("http://127.0.0.1:9", to: folder)
        let letter = try folder.write(Array("Dear Sir".utf8), to: "letter")
        for (path, words) in [(letter, "is not a snapshot"), (site, "is what is read")] {
            let refused = try await CeremonyRoom.keyrite(["inventory", "--site", site, "--out", path])
            #expect(refused.status == 2 && refused.stderrText.contains(words), "\(refused.stderrText)")
        }
        #expect(try folder.read("letter") == Array("Dear Sir".utf8))
    }
}
