/// Reads the text of an element from the small XML answers of the query protocol, and nothing more of XML.
enum XMLText {
    /// - Returns: The text; nil unless the element stands there once, without attributes, and holds text alone.
    static func element(_ name: String, in document: String) -> String? {
        let opening = document.ranges(of: "<\(name)>")
        let closing = document.ranges(of: "</\(name)>")
        guard opening.count == 1, closing.count == 1, opening[0].upperBound <= closing[0].lowerBound else { return nil }
        return unescaped(document[opening[0].upperBound..<closing[0].lowerBound])
    }

    /// The five entities that XML knows without a DTD; any other is refused.
    private static func unescaped(_ text: Substring) -> String? {
        let entities: [Substring: Character] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        var out = ""
        var rest = text
        while let character = rest.popFirst() {
            switch character {
            case "<": return nil
            case "&":
                let name = rest.prefix { $0 != ";" }
                guard let entity = entities[name], rest.count > name.count else { return nil }
                out.append(entity)
                rest = rest.dropFirst(name.count + 1)
            default: out.append(character)
            }
        }
        return out
    }
}
