import Decoders
import Foundation
import Testing

/// `scripts/fuzz` says how an input that it found comes into the folder of those that are kept here.
@Suite("What is wrong with an input is found once")
struct FindingsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    @Test(
        "no input that is kept makes any decoder crash, accept what it may not, or refuse it without words for people",
        .timeLimit(.minutes(10)), arguments: Decoder.allCases)
    func findings(decoder: Decoder) async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: "Findings").path)
        #expect(names.count > 200)
        for name in names.sorted() {
            let bytes = Array(try Data(contentsOf: Self.folder.appending(path: "Findings/\(name)")))
            do { try decoder.take(bytes) } catch { Issue.record("\(decoder.rawValue), \(name): \(error)") }
            await Task.yield()
        }
    }

    @Test("scripts/fuzz fuzzes every decoder")
    func decoders() throws {
        let script = try String(contentsOf: Self.folder.appending(path: "../../scripts/fuzz"), encoding: .utf8)
        let list = try #require(script.firstMatch(of: /(?m)^decoders="([^"]*)"$/)).1
        let names = list.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(names.sorted() == Decoder.allCases.map(\.rawValue).sorted())
    }
}
