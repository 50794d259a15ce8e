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

extension JSONValue {
    /// Where something stands in it, itself left out; of a list, in its first element.
    fileprivate func places() -> [[String]] {
        switch self {
        case .object(let members):
            members.keys.sorted().flatMap { key in [[key]] + self[key].places().map { [key] + $0 } }
        case .array(let elements):
            elements.isEmpty ? [] : [["0"]] + elements[0].places().map { ["0"] + $0 }
        default: []
        }
    }

    fileprivate func value(at place: [String]) -> JSONValue {
        place.reduce(self) { value, key in if case .array = value { value[0] } else { value[key] } }
    }

    /// - Parameter value: nil takes away what stands there.
    fileprivate func setting(_ place: [String], to value: JSONValue?) -> JSONValue {
        guard let key = place.first else { return value ?? self }
        let rest = Array(place.dropFirst())
        var copy = self
        if case .array(let elements) = self {
            let changed = rest.isEmpty ? value : elements[0].setting(rest, to: value)
            return .array((changed.map { [$0] } ?? []) + elements.dropFirst())
        }
        guard !rest.isEmpty || value != nil else { return without(key) }
        copy[key] = rest.isEmpty ? value ?? self : self[key].setting(rest, to: value)
        return copy
    }

    /// What could stand in its place; nil is nothing.
    fileprivate var otherwise: [JSONValue?] {
        switch self {
        case .bool(let flag): [nil, .bool(!flag), 0, "true"]
        case .integer(let number): [nil, -1, 0, 2, 1000, 9_007_199_254_740_991, .bool(true), .string("\(number)")]
        case .array(let elements): [nil, .array([]), .array(elements + elements), .object([:]), "x"]
        case .object(let members): [nil, .object(members.merging(["zz": 1]) { $1 }), .object([:]), .array([]), "x"]
        case .string(let text): [nil, 1, .array([])] + Self.texts(instead: text).map(JSONValue.string)
        }
    }

    private static func texts(instead text: String) -> [String] {
        let words = [
            "", "b`n", ".x", "a/b", "-a", "A", "a b", " a", "%", "%2", "%2x", "%41", "%25", "%E9", "%C3%A9", "%c3%a9",
            "%00",
            "%E2%80%AE", "%ED%A0%80", "%F4%90%80%80", "never", "Never", String(repeating: "a", count: 33),
            String(repeating: "a", count: 101), String(repeating: "7", count: 64), String(repeating: "G", count: 64),
        ]
        let times = [
            "2026-11-26T17:00:00Z", "2026-02-30T00:00:00Z", "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z",
            "2026-11-26T24:00:00Z", "2026-11-26T17:60:00Z", "2026-11-26T17:00:60Z", "2026-11-26T17:00:00.5Z",
            "2026-11-26t17:00:00z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
            "2026-11-26T17:00:00+00:00", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-11-00T00:00:00Z",
        ]
        return words + times + [String(text.dropLast()), text + "a", text + " ", "<" + text, text.uppercased()]
    }
}
