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
            // What is built in as a fault is made by no code: it stands under the name of the fault, which the head lists.
            let above = lines[..<index].last { !$0.isEmpty && !$0.hasPrefix("#endif") } ?? ""
            if let fault = above.wholeMatch(of: /#ifdef ([A-Z_]+)/), try isFault(String(fault.1)) { continue }
            #expect(comment(above: index, in: lines)?.contains("Sources/") == true, "line \(index + 1)")
        }
    }

    /// Whether the model's head lists it among the faults that can be built in.
    private func isFault(_ name: String) throws -> Bool {
        let head = try lines().prefix { !$0.contains("*/") }
        return head.contains { $0.hasPrefix(" *   \(name) ") }
    }

    /// The comment that stands right above a transition, but for lines of the preprocessor and another beginning of it.
    private func comment(above index: Int, in lines: [Substring]) -> String? {
        let above = lines[..<index].reversed().drop {
            $0.hasPrefix("#") || $0.isEmpty || $0.hasPrefix("    :: d_step {") && $0.hasSuffix("->")
        }
        guard above.first?.hasSuffix("*/") == true, let start = above.firstIndex(where: { $0.contains("/*") }) else {
            return nil
        }
        return above[...start].reversed().joined(separator: " ")
    }
}
