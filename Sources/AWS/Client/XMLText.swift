/// Reads the text of an element from the small XML answers of the query protocol, and nothing more of XML.
enum XMLText {
    /// - Returns: The text; nil unless the element stands there once, without attributes, and holds text alone.
    static func element(_ name: String, in document: String) -> String? {
        guard let found = elements(name, in: document), found.count == 1 else { return nil }
        return found[0]
    }

    /// - Returns: The texts in their order; nil unless each element stands there without attributes, and holds text alone.
    static func elements(_ name: String, in document: String) -> [String]? {
        let opening = document.ranges(of: "<\(name)>")
        let closing = document.ranges(of: "</\(name)>")
        guard opening.count == closing.count else { return nil }
        var texts: [String] = []
        for (start, end) in zip(opening, closing) {
            // Text has no "<", so that an end which is another element's gives none.
            guard start.upperBound <= end.lowerBound, let text = unescaped(document[start.upperBound..<end.lowerBound])
            else { return nil }
            texts.append(text)
        }
        return texts
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
