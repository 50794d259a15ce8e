import Evidence

/// Random evidence, and careless ways of writing it down that mean the same.
struct SloppyJSON {
    var random: SeededGenerator

    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 6 : 4), using: &random) {
        case 0: return .bool(.random(using: &random))
        case 1: return .integer(integer())
        case 2, 3: return .string(text())
        case 4:
            var elements: [JSONValue] = []
            for _ in 0..<Int.random(in: 0..<5, using: &random) { elements.append(value(depth: depth + 1)) }
            return .array(elements)
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0..<8, using: &random) { members[text()] = value(depth: depth + 1) }
            return .object(members)
        }
    }

    private mutating func integer() -> Int64 {
        let edge = CanonicalJSON.maximumInteger
        let edges = [0, 1, -1, 9, 10, edge, -edge, edge - 1, 1 << 52, 1 << 32, 1 << 31, 999_999_999_999_999]
        if Bool.random(using: &random) { return .random(in: -edge...edge, using: &random) }
        return edges.randomElement(using: &random) ?? 0
    }

    /// Short texts over few characters, so that keys share beginnings and escapes stand everywhere.
    private mutating func text() -> String {
        let nasty = Array(#""\/"\ ~aAbB_-.0129{}[]:,%nu'<>&"#.unicodeScalars)
        let all = (0x20...0x7E).compactMap { Unicode.Scalar($0 as UInt32) }
        let alphabet = Bool.random(using: &random) ? nasty : all
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<9, using: &random) {
            text.append(alphabet.randomElement(using: &random) ?? " ")
        }
        return String(text)
    }

    /// The value with keys in any order, spaces anywhere and needless escapes, on one line.
    mutating func write(_ value: JSONValue) -> String {
        switch value {
        case .bool(let bool): return gap() + "\(bool)" + gap()
        case .integer(let integer): return gap() + "\(integer)" + gap()
        case .string(let text): return gap() + quote(text) + gap()
        case .array(let elements):
            var parts: [String] = []
            for element in elements { parts.append(write(element)) }
            return gap() + "[" + gap() + parts.joined(separator: ",") + "]" + gap()
        case .object(let members):
            var parts: [String] = []
            for (key, member) in members.shuffled(using: &random) {
                parts.append(gap() + quote(key) + gap() + ":" + write(member))
            }
            return gap() + "{" + gap() + parts.joined(separator: ",") + "}" + gap()
        }
    }

    private mutating func gap() -> String {
        ["", "", " ", "\t", "  "].randomElement(using: &random) ?? ""
    }

    private mutating func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            let needlessly = Int.random(in: 0..<6, using: &random) == 0
            switch scalar {
            case _ where needlessly: quoted += "\\u00" + String(scalar.value, radix: 16)
            case "\"", "\\": quoted += "\\\(scalar)"
            case "/" where Bool.random(using: &random): quoted += "\\/"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
