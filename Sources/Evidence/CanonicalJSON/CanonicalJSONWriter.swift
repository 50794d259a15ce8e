/// Writes values as canonical bytes, and refuses those that have none.
struct CanonicalJSONWriter {
    private(set) var bytes: [UInt8] = []
    private var path = JSONPath()

    /// - Throws: `CanonicalJSONError` for a string, number or depth that evidence cannot hold.
    mutating func write(_ value: JSONValue) throws {
        switch value {
        case .bool(let bool): bytes += (bool ? "true" : "false").utf8
        case .string(let text): try write(text)
        case .integer(let integer):
            guard (-CanonicalJSON.maximumInteger...CanonicalJSON.maximumInteger).contains(integer) else {
                throw refusal("an integer beyond 2^53 - 1")
            }
            bytes += String(integer).utf8
        case .array(let elements):
            try enterContainer(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                path.steps.append(.index(index))
                try write(element)
                path.steps.removeLast()
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            try enterContainer(UInt8(ascii: "{"))
            for (index, (key, member)) in Self.sorted(members).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                path.steps.append(.key(key))
                try write(key)
                bytes.append(UInt8(ascii: ":"))
                try write(member)
                path.steps.removeLast()
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func enterContainer(_ bracket: UInt8) throws {
        guard path.steps.count < CanonicalJSON.maximumDepth else {
            throw refusal("nests deeper than \(CanonicalJSON.maximumDepth)")
        }
        bytes.append(bracket)
    }

    private mutating func write(_ text: String) throws {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            guard (0x20...0x7E).contains(byte) else {
                throw refusal("text with bytes outside 0x20-0x7E; percent-encode it first")
            }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func refusal(_ reason: String) -> CanonicalJSONError {
        CanonicalJSONError(reason: reason, path: path.description)
    }

    private static func sorted(_ members: [String: JSONValue]) -> [(key: String, value: JSONValue)] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// Where a value begins in the canonical bytes of a document: the form is unique, so the place can be counted.
    ///
    /// - Returns: The offset of the deepest value on `path` that the document has.
    static func offset(of path: JSONPath, in document: JSONValue) -> Int {
        var offset = 0
        var value = document
        for step in path.steps {
            guard let (before, inner) = child(step, of: value) else { break }
            offset += before
            value = inner
        }
        return offset
    }

    /// A value directly inside another, and the number of bytes before it.
    private static func child(_ step: JSONPath.Step, of value: JSONValue) -> (before: Int, value: JSONValue)? {
        switch (step, value) {
        case (.index(let index), .array(let elements)) where elements.indices.contains(index):
            let earlier = elements[..<index].map { length(of: $0) + 1 }
            return (earlier.reduce(1, +), elements[index])
        case (.key(let key), .object(let members)):
            guard let member = members[key] else { return nil }
            let earlier = members.filter { $0.key.utf8.lexicographicallyPrecedes(key.utf8) }
                .map { length(of: .string($0.key)) + length(of: $0.value) + 2 }
            return (earlier.reduce(2 + length(of: .string(key)), +), member)
        default:
            return nil
        }
    }

    private static func length(of value: JSONValue) -> Int {
        var writer = CanonicalJSONWriter()
        try? writer.write(value)
        return writer.bytes.count
    }
}
