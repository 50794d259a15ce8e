/// How many calls of an operation AWS takes in a second, of one account in one Region, unless it was asked for another quota.
package struct CallQuota: Hashable, Sendable {
    package let perSecond: Int
    /// AWS's page; nil where none was found that states a number, and this is one that is modest.
    package let page: String?
    /// The day on which a stored copy of the page was looked at, as `2026-11-28`.
    package let checked: String?

    /// - Parameters:
    ///   - path: On docs.aws.amazon.com.
    ///   - checked: When the page was looked at, and no later day.
    package static func stated(_ perSecond: Int, _ path: String, checked: String) -> Self {
        Self(perSecond: perSecond, page: "https://docs.aws.amazon.com/\(path)", checked: checked)
    }

    /// Of operations for which no page was found that states a number.
    package static func assumed(_ perSecond: Int) -> Self { Self(perSecond: perSecond, page: nil, checked: nil) }
}
