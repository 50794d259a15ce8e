import Evidence
import Foundation
import TestSupport
import Testing

/// A line that only one of the verifiers takes for shaped is refused at that line by the one, and by the other where the chain
/// breaks after it: an auditor who holds the two to each other would see two changes.
@Suite("Both verifiers take the same for a line of a transcript")
struct ShellShapesTests {
    @Test("whatever stands in its fields: what is no name, no text, no time, no number; and fields missing or more")
    func lines() async throws {
        let golden = try GoldenLine.all()
        var seen: Set<String> = []
        let lines = golden.flatMap { line in
            line.places().filter { seen.insert("\(line["kind"].text) \($0)").inserted }.flatMap { place in
                line.value(at: place).otherwise.map { line.setting(place, to: $0) }
            }
        }
        #expect(lines.count > 5_000)
        let written = try (golden + lines).map { try CanonicalJSON.encode($0) }
        let theirs = try await shapedByScript(written)
        try #require(theirs.count == written.count)
        let differing = zip(written, theirs).compactMap { line, shell in
            let ours = Result { try CanonicalJSON.decode(JournalLine.self, from: line) }
            let isShaped = (try? ours.get()) != nil
            return isShaped == shell.isEmpty
                ? nil : "\(String(decoding: line, as: UTF8.self))\nkeyrite: \(ours)\nverify.sh: \(shell)"
        }
        #expect(differing.isEmpty, "\(differing.count): \(differing.prefix(3).joined(separator: "\n"))")
        let (unchanged, changed) = (theirs.prefix(golden.count), theirs.dropFirst(golden.count))
        #expect(unchanged == Array(repeating: "", count: golden.count)[...])
        #expect(changed.contains("") && changed.count { $0 != "" } > 3_000)
        #expect(Set(changed.map(Judgement.sentence)) == ["", "it is no line in canonical form"])
    }

    /// What verify.sh's rules have against each line, nothing where it is one; whatever its number and what it follows.
    private func shapedByScript(_ lines: [[UInt8]]) async throws -> [String] {
        let folder = try TemporaryFolder()
        var rules = try VerifyScript.rules("words", "kinds", "shapes", "transcript.jsonl") + "\n"
        rules += #"inputs | . as $line | try (check_line($line.seq; $line.prev) | "") catch ."#
        let program = try folder.write(Array(rules.utf8), to: "rules.jq")
        let file = try folder.write(Array(lines.joined(separator: Array("\n".utf8))), to: "lines")
        let run = try await runProcess("jq", ["-rn", "--rawfile", "digests", "/dev/null", "-f", program, file])
        try #require(run.status == 0, "\(run.stderrText.prefix(2_000))")
        return run.stdoutText.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}

/// One line of each kind, and more where one has not all the fields.
private enum GoldenLine {
    static func all() throws -> [JSONValue] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../EvidenceTests/Golden/lines.jsonl").standardizedFileURL
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map {
            try CanonicalJSON.parse([UInt8]($0))
        }
    }
}
