import CryptoPrimitives
import Evidence
import TestSupport
import Testing

@Suite("The manifest")
struct ManifestTests {
    private struct Files: EvidenceFolder {
        let contents: [String: String]

        func read(_ path: String) throws -> [UInt8] { Array((contents[path] ?? "").utf8) }
        func files() throws -> [String] { Array(contents.keys) }
    }

    private static let folder = Files(contents: [
        "plan.json": "{}", "roster/b.sig": "b", "roster/a.sig": "a", "exhibits/Z.txt": "z", "allowed_signers": "s",
        "MANIFEST": "old", "minutes.html": "<p>", "statements/close-2.json": "2", "approvals/close-2/ben.json": "2",
        "statements/close-1.json": "1", "approvals/close-1/ben.json": "1", "transcript.jsonl": "one\ntwo\nthree\n",
    ])

    @Test("it lists every file but itself, the minutes and the current close, as sha256sum writes them, by their bytes")
    func listed() async throws {
        let listed = [
            "allowed_signers", "approvals/close-1/ben.json", "exhibits/Z.txt", "plan.json", "roster/a.sig",
            "roster/b.sig", "statements/close-1.json", "transcript.jsonl",
        ]
        let made = String(decoding: try Manifest.make(of: Self.folder, lines: 3, attempt: 2), as: UTF8.self)
        #expect(made.split(separator: "\n").map { String($0.dropFirst(66)) } == listed)

        let disk = try TemporaryFolder()
        for (index, path) in listed.enumerated() { try disk.write(try Self.folder.read(path), to: "\(index)") }
        let sums = try await runProcess(["sha256sum"] + listed.indices.map { "\(disk.path)/\($0)" })
        let theirs = String(decoding: sums.stdout, as: UTF8.self).split(separator: "\n").map { $0.prefix(64) }
        #expect(made.split(separator: "\n").map { $0.prefix(64) } == theirs)
        #expect(made.hasSuffix("\n"))
    }

    @Test("the transcript counts up to the close's anchor")
    func transcript() throws {
        for (lines, text) in [(0, ""), (1, "one\n"), (2, "one\ntwo\n"), (9, "one\ntwo\nthree\n")] {
            let made = String(decoding: try Manifest.make(of: Self.folder, lines: lines, attempt: 2), as: UTF8.self)
            #expect(made.contains("\(SHA256Digest(of: Array(text.utf8)).hex)  transcript.jsonl\n"))
        }
    }
}
