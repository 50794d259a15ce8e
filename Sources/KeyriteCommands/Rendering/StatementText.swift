import CryptoPrimitives
import Evidence

/// A statement as people read it before they sign: every field of the very bytes, and nothing else.
enum StatementText {
    /// - Parameter bytes: The statement, canonical JSON.
    static func render(_ bytes: [UInt8]) throws -> String {
        var lines = ["SHA-256  \(SHA256Digest(of: bytes).hex)"]
        add(try CanonicalJSON.parse(bytes), named: nil, depth: 0, to: &lines)
        return lines.joined(separator: "\n")
    }

    private static func add(_ value: JSONValue, named name: String?, depth: Int, to lines: inout [String]) {
        let indent = String(repeating: "  ", count: depth)
        let lead = name.map { indent + $0 + ": " } ?? indent
        switch value {
        case .string(let text): lines.append(lead + text)
        case .integer(let number): lines.append(lead + "\(number)")
        case .bool(let flag): lines.append(lead + "\(flag)")
        case .array(let items):
            lines.append(lead + (items.isEmpty ? "none" : ""))
            for (index, item) in items.enumerated() {
                add(item, named: "\(index + 1)", depth: depth + 1, to: &lines)
            }
        case .object(let members):
            if let name { lines.append(indent + name + ":") }
            for key in members.keys.sorted() {
                members[key].map { add($0, named: key, depth: name == nil ? depth : depth + 1, to: &lines) }
            }
        }
    }
}
