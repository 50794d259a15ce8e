import AWS
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("Ending a reading", .timeLimit(.minutes(10)))
struct EndedReadingTests {
    /// An emulator with keys that somebody used, behind a relay that holds what stands in a file.
    private struct Place: Sendable {
        let site: String
        let folder: TemporaryFolder
        /// Their ARNs, sorted.
        let keys: [String]

        /// - Parameter text: What calls that are never answered have in them.
        func hold(_ scope: String, _ text: String = "") throws {
            try folder.write(Array((scope.isEmpty ? "" : "eu-central-1/\(scope)\n\(text)").utf8), to: "held")
        }
    }

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let emulator = try await EmulatorProcess.start(
            program: try CeremonyRoom.program(), log: folder.path + "/emulator.log", wrappingKeysAhead: nil)
        defer { emulator.stop() }
        let endpoint = try Endpoint(emulator.endpoint)
        let kms = try KMSClient(
            .init(
                credentials: try RehearsalCredentials.make(), region: try Region("eu-central-1"), endpoint: endpoint))
        var keys: [String] = []
        for _ in 0..<3 {
            let made = try await kms.createKey(.init()).output.keyMetadata
            keys.append(made.arn)
            for _ in 0..<2 { _ = try await kms.encrypt(.init(keyID: made.keyID, plaintext: Blob([1]))) }
        }
        let port = try #require(URL(string: "\(endpoint)")?.port)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "estate.py").path
        let held = try folder.write([], to: "held")
        let place = URL(filePath: folder.path + "/relay")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
        try await LoopbackServer.running(
            [try BotoTests.interpreter(), "-B", script, "relay", "\(port)", held],
            environment: ["PATH": "/usr/bin:/bin"], in: place
        ) { _, relay in
            let site = try ConnectedSite.write("http://127.0.0.1:\(relay)", to: folder)
            try await body(Place(site: site, folder: folder, keys: keys.sorted()))
        }
    }

    private static func callers(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.contains(#""kind":"caller""#) }
    }

    @Test("by Ctrl-C or a kill while callers are looked up: the same command goes on with the keys that are left")
    func lookup() async throws {
        try await withPlace { place in
            let folder = place.folder
            let plain = try await CeremonyRoom.keyrite([
                "inventory", "--site", place.site, "--out", folder.path + "/plain", "--lookup", "1",
            ])
            #expect(plain.status == 0, "\(plain.stderrText)")
            let out = folder.path + "/resumed"
            let command = [
                try CeremonyRoom.program(), "inventory", "--site", place.site, "--out", out, "--lookup", "1",
            ]
            for (known, ending) in [(0, SIGINT), (1, SIGKILL)] {
                try place.hold("cloudtrail", place.keys[known + 1])
                let room = try Pseudoterminal(command, environment: ["PATH": "/usr/bin:/bin"], columns: 200)
                if known > 0 { try await room.expect("The callers of \(known) of 3 keys are taken over, too") }
                try await room.expect("\r1 of \(3 - known) read")
                if ending == SIGINT { room.type("\u{3}") } else { room.signal(ending) }
                #expect(try await room.end().status == -ending)
                if ending == SIGINT { #expect(room.shown.contains("the same command again goes on there.\r\n")) }
                let files = try FileManager.default.contentsOfDirectory(atPath: out + ".parts")
                // One more is that keys can be found by their ARNs.
                #expect(files.count { $0.hasSuffix(".callers") } == known + 2)
                #expect(!FileManager.default.fileExists(atPath: out))
            }
            try place.hold("")
            let last = try await CeremonyRoom.keyrite(Array(command.dropFirst()))
            #expect(last.status == 0, "\(last.stderrText)")
            #expect(
                last.stderrText.contains("The callers of 2 of 3 keys are taken over, too; all are looked up since "))
            let callers = Self.callers(try folder.read("resumed"))
            #expect(try callers == Self.callers(folder.read("plain")) && callers.count == 3)
            // They stay where something can pass, as what an emulator does not serve, and the command says so.
            #expect(
                FileManager.default.fileExists(atPath: out + ".parts")
                    == last.stderrText.contains("could not be read that may be the next time. The same command asks"))
        }
    }

    @Test("by Ctrl-C while keyrite impact reads a key's uses: it ends by that, says so, and leaves nothing")
    func impact() async throws {
        try await withPlace { place in
            try place.hold("sqs")
            let before = try FileManager.default.contentsOfDirectory(atPath: place.folder.path).sorted()
            let room = try Pseudoterminal(
                [
                    try CeremonyRoom.program(), "impact", "--site", place.site, "--key", place.keys[0], "--lookup",
                    "1",
                ],
                environment: ["PATH": "/usr/bin:/bin"], columns: 80)
            // All but the one.
            try await room.expect("\r8 of 9 read")
            room.type("\u{3}")
            let (status, output) = try await room.end()
            #expect(status == -SIGINT && output.isEmpty)
            #expect(room.shown.hasSuffix("\r\u{1B}[KEnded.\r\n"), "\(room.shown.suffix(80).debugDescription)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path).sorted() == before)
        }
    }
}
