/// Where a rule comes from.
package struct RuleSource: Hashable, Sendable {
    /// How far it is AWS's own word.
    package enum Basis: String, Sendable {
        /// AWS's page says so.
        case documented
        /// Concluded from what the page says; in so many words AWS says it nowhere.
        case inferred
    }

    /// The page's address.
    package let page: String
    /// The day on which the rule was held to a stored copy of the page, as `2026-11-27`.
    package let checked: String
    package let basis: Basis

    /// - Parameters:
    ///   - path: On docs.aws.amazon.com.
    ///   - checked: When the page was looked at for this rule, and no later day.
    static func documented(_ path: String, checked: String) -> Self {
        Self(page: "https://docs.aws.amazon.com/\(path)", checked: checked, basis: .documented)
    }

    /// The same of what is concluded from the page.
    static func inferred(_ path: String, checked: String) -> Self {
        Self(page: "https://docs.aws.amazon.com/\(path)", checked: checked, basis: .inferred)
    }
}
