/// AWS's two wildcards: `*` for any characters, `?` for one.
package enum PolicyPattern {
    /// Whether a text is one that a pattern means; nothing but the wildcards stands for anything else.
    package static func matches(_ pattern: String, _ text: String) -> Bool {
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
        matches(pattern.lowercased(), action.lowercased())
    }

    /// The same for ARNs: a wildcard stays within its part, but for the last (`ArnLike`).
    package static func matchesARN(_ pattern: String, _ arn: String) -> Bool {
        let (patterns, parts) = (parts(pattern), parts(arn))
        return patterns.count == 6 && parts.count == 6 && zip(patterns, parts).allSatisfy(matches)
    }

    private static func parts(_ arn: String) -> [String] {
        arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
    }

    package static func hasWildcard(_ text: String) -> Bool { text.contains { $0 == "*" || $0 == "?" } }
}
