import Evidence

// What could stand in a document, or a line of one, in place of what does: both verifiers must say the same of each.

extension JSONValue {
    /// Where something stands in it, itself left out; of a list, in its first element.
    func places() -> [[String]] {
        switch self {
        case .object(let members):
            members.keys.sorted().flatMap { key in [[key]] + self[key].places().map { [key] + $0 } }
        case .array(let elements):
            elements.isEmpty ? [] : [["0"]] + elements[0].places().map { ["0"] + $0 }
        default: []
        }
    }

    func value(at place: [String]) -> JSONValue {
        place.reduce(self) { value, key in if case .array = value { value[0] } else { value[key] } }
    }

    /// - Parameter value: nil takes away what stands there.
    func setting(_ place: [String], to value: JSONValue?) -> JSONValue {
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
    var otherwise: [JSONValue?] {
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

/// Documents of one kind, each with something else in one place: whatever could stand anywhere, and what stands there, or in a
/// place of that name, in another of them.
struct OtherDocuments {
    private let documents: [JSONValue]
    /// By the name of a place, what else is a word there.
    private var words: [String: [JSONValue]]
    /// What objects at a place have, in one document or another.
    private var members: [[String]: [String: JSONValue]] = [:]

    /// - Parameter words: What can stand in a place of this name, beside what does.
    init(of documents: [JSONValue], words: [String: [JSONValue]] = [:]) {
        self.documents = documents
        self.words = words
        for document in documents {
            for place in [[]] + document.places() {
                let value = document.value(at: place)
                if let name = place.last(where: { $0 != "0" }) { self.words[name, default: []].append(value) }
                if case .object(let some) = value { members[place, default: [:]].merge(some) { first, _ in first } }
            }
        }
    }

    var all: [JSONValue] {
        var seen: Set<[String]> = []
        return documents.flatMap { document in
            ([[]] + document.places()).flatMap { place in
                changes(of: document, at: place, isFirst: seen.insert(place).inserted)
            }
        }
    }

    private func changes(of document: JSONValue, at place: [String], isFirst: Bool) -> [JSONValue] {
        let value = document.value(at: place)
        var others: [JSONValue?] = place.isEmpty ? [] : [nil]
        others += isFirst ? value.otherwise : []
        others += value.neighbours.map(Optional.some)
        others += place.last.flatMap { words[$0] }?.map(Optional.some) ?? []
        var changes = Set(others).subtracting([value]).map { document.setting(place, to: $0) }
        if case .object(let present) = value {
            for (key, other) in members[place] ?? [:] where present[key] == nil {
                changes.append(document.setting(place + [key], to: other))
            }
        }
        return changes
    }
}

extension JSONValue {
    /// What is nearly the same: the numbers beside it, and its elements in another order, or but for the first.
    fileprivate var neighbours: [JSONValue] {
        switch self {
        case .integer(let number): [.integer(number - 1), .integer(number + 1)]
        case .array(let elements): [.array(elements.reversed()), .array(Array(elements.dropFirst()))]
        case .object, .string, .bool: []
        }
    }
}
