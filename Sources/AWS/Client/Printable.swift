/// Text of a stranger, made fit for a terminal and a log.
package enum Printable {
    /// One line without control characters, cut at `limit` characters.
    package static func text(_ text: String, limit: Int = 1_000) -> String {
        var out = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == limit { return out + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
