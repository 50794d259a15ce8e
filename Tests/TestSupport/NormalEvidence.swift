package import Evidence

/// What a ceremony folder says, without what no two ceremonies share.
///
/// Lines of the kind run-started are dropped and the others numbered anew; times, hashes, signatures and ids are named by
/// their first appearance. `learned`, which tells whether an outcome was answered or looked up, is left out.
package struct NormalEvidence: Equatable {
    /// The transcript, a line an entry, and after it every other file in the order of their names.
    package let lines: [String]

    /// - Parameter slot: A name that only this ceremony has.
    package init(of folder: any EvidenceFolder, slot: String) throws {
        let transcript = try Transcript(parsing: try folder.read(Transcript.path))
        var names = Names(slot: slot, transcript: transcript)
        var lines: [String] = []
        for line in transcript.lines where line.event.kind != .runStarted {
            lines.append(names.normal(try CanonicalJSON.parse(try CanonicalJSON.encode(line))))
        }
        for path in try folder.files().sorted() where path != Transcript.path {
            let bytes = try folder.read(path)
            switch path.split(separator: ".").last {
            case "sig", "bin", "cms", "spki", "token": lines.append(names.normal(path))
            case "json": lines.append(names.normal(path) + " " + names.normal(try CanonicalJSON.parse(bytes)))
            default: lines.append(names.normal(path) + " " + names.normal(String(decoding: bytes, as: UTF8.self)))
            }
        }
        self.lines = lines
    }

    /// The first place where two folders differ, for people.
    package func firstDifference(from other: NormalEvidence) -> String? {
        for (mine, theirs) in zip(lines, other.lines) where mine != theirs { return "\(mine)\n  instead of\n\(theirs)" }
        return lines.count == other.lines.count ? nil : "\(lines.count) entries instead of \(other.lines.count)"
    }
}

/// Names for what is random, by first appearance.
private struct Names {
    private let slot: String
    /// What a line's number is once the lines that say run-started are gone.
    private let numbers: [Int64]
    private var names: [Substring: String] = [:]
    private let random = Self.random

    init(slot: String, transcript: Transcript) {
        self.slot = slot
        var kept: Int64 = 0
        numbers =
            [0]
            + transcript.lines.map { line in
                if line.event.kind != .runStarted { kept += 1 }
                return kept
            }
    }

    mutating func normal(_ value: JSONValue, of key: String = "") -> String {
        switch value {
        case .object(let members):
            let pairs = members.sorted { $0.key < $1.key }.filter { $0.key != "learned" }
            return "{" + pairs.map { "\($0.key): \(normal($0.value, of: $0.key))" }.joined(separator: ", ") + "}"
        case .array(let elements):
            return "[" + elements.map { normal($0) }.joined(separator: ", ") + "]"
        case .string(let text):
            return normal(text)
        case .integer(let number):
            let counts = ["seq", "lines"].contains(key) && numbers.indices.contains(Int(number))
            return "\(counts ? numbers[Int(number)] : number)"
        case .bool(let bool):
            return "\(bool)"
        }
    }

    mutating func normal(_ text: String) -> String {
        var rest = text.split(separator: slot, omittingEmptySubsequences: false).joined(separator: "SLOT")[...]
        var normal = ""
        while let match = rest.firstMatch(of: random) {
            normal += rest[..<match.range.lowerBound] + name(of: match.0)
            rest = rest[match.range.upperBound...]
        }
        return normal + rest
    }

    /// Two times may fall into one second or not, so that all have one name.
    private mutating func name(of found: Substring) -> String {
        if found.count == 20, found.last == "Z" { return "TIME" }
        if let name = names[found] { return name }
        let name = "#\(names.count + 1)"
        names[found] = name
        return name
    }

    /// A time, a ceremony's id, a UUID, a ciphertext or a host's public key, a SHA-256 or material id, a commitment, a check value.
    private static var random: Regex<Substring> {
        #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d{4}-\d\d-\d\d-[0-9a-f]{8}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9+\/]{68,}={0,2}|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|^[0-9a-f]{6}$/#
    }
}
