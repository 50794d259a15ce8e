/// AWS's two wildcards: `*` for any characters, `?` for one.
package enum PolicyPattern {
    /// Whether a text is one that a pattern means; nothing but the wildcards stands for anything else.
    package static func matches(_ pattern: String, _ text: String) -> Bool {
        guard hasWildcard(pattern) else { return pattern.utf8.elementsEqual(text.utf8) }
        let (pattern, text) = (Array(pattern.unicodeScalars), Array(text.unicodeScalars))
        var (p, t) = (0, 0)
        // Where to go on after the last `*`, should it have to stand for one more.
        var retry: (p: Int, t: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                retry = (p + 1, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = retry {
                retry = (last.p, last.t + 1)
                (p, t) = (last.p, last.t + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    /// The same for names of actions, which have no case.
    package static func matchesAction(_ pattern: String, _ action: String) -> Bool {
        matches(lowercased(pattern), lowercased(action))
    }

    /// The same for ARNs: a wildcard stays within its part, but for the last (`ArnLike`).
    ///
    /// - Returns: nil for a pattern that is none of an ARN.
    package static func matchesARN(_ pattern: String, _ arn: String) -> Bool? {
        let (patterns, parts) = (parts(pattern), parts(arn))
        guard patterns.count == 6 else { return nil }
        return parts.count == 6 && zip(patterns, parts).allSatisfy(matches)
    }

    /// Without case where AWS has none: in A to Z. Another letter is another letter, whatever Unicode makes of it.
    package static func lowercased(_ text: String) -> String {
        guard text.utf8.contains(where: { (0x41...0x5A).contains($0) }) else { return text }
        return String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func parts(_ arn: String) -> [String] {
        arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
    }

    package static func hasWildcard(_ text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }
}
