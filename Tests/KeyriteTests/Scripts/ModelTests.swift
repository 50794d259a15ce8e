import Foundation
import Testing

/// The model that spin searches is one of this code as long as it names it.
@Suite("The model of a ceremony")
struct ModelTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardizedFileURL

    private func lines() throws -> [Substring] {
        try String(contentsOf: Self.root.appending(path: "ceremony/model/ceremony.pml"), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test("names code that is there")
    func names() throws {
        var count = 0
        for line in try lines() {
            for name in line.matches(of: #/(Sources/[A-Za-z0-9/+]+\.swift) ([A-Za-z]+)/#) {
                let source = try String(contentsOf: Self.root.appending(path: String(name.1)), encoding: .utf8)
                #expect(
                    ["func \(name.2)(", "struct \(name.2):", "var \(name.2):"].contains { source.contains($0) },
                    "\(name.2) is not in \(name.1)")
                count += 1
            }
        }
        #expect(count > 20)
    }

    @Test("says of each transition what makes it")
    func transitions() throws {
        let lines = try lines()
        let transitions = lines.indices.filter { lines[$0].hasPrefix("    :: d_step {") }
        #expect(transitions.count > 15)
        for index in transitions {
            let before = lines[..<index].suffix(4).joined(separator: " ")
            #expect(
                before.contains("Sources/") || before.contains("#ifdef"), "line \(index + 1)")
        }
    }
}
