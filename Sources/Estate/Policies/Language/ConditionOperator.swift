/// How a condition compares, by its name in a policy: `ForAnyValue:StringNotLikeIfExists`.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
package struct ConditionOperator: Hashable, Sendable {
    /// The operators that IAM documents, without quantifier and `IfExists`.
    package enum Comparison: String, CaseIterable, Sendable {
        case stringEquals = "StringEquals"
        case stringNotEquals = "StringNotEquals"
        case stringEqualsIgnoreCase = "StringEqualsIgnoreCase"
        case stringNotEqualsIgnoreCase = "StringNotEqualsIgnoreCase"
        case stringLike = "StringLike"
        case stringNotLike = "StringNotLike"
        case numericEquals = "NumericEquals"
        case numericNotEquals = "NumericNotEquals"
        case numericLessThan = "NumericLessThan"
        case numericLessThanEquals = "NumericLessThanEquals"
        case numericGreaterThan = "NumericGreaterThan"
        case numericGreaterThanEquals = "NumericGreaterThanEquals"
        case dateEquals = "DateEquals"
        case dateNotEquals = "DateNotEquals"
        case dateLessThan = "DateLessThan"
        case dateLessThanEquals = "DateLessThanEquals"
        case dateGreaterThan = "DateGreaterThan"
        case dateGreaterThanEquals = "DateGreaterThanEquals"
        case bool = "Bool"
        case binaryEquals = "BinaryEquals"
        case ipAddress = "IpAddress"
        case notIPAddress = "NotIpAddress"
        case arnEquals = "ArnEquals"
        case arnLike = "ArnLike"
        case arnNotEquals = "ArnNotEquals"
        case arnNotLike = "ArnNotLike"
        case null = "Null"

        /// Whether it holds of what is not among its values.
        package var isNegated: Bool { rawValue.contains("Not") }
    }

    /// Of a condition key with several values. The first holds of none, too.
    package enum Quantifier: String, CaseIterable, Sendable {
        case each = "ForAllValues:"
        case any = "ForAnyValue:"
    }

    /// As it is written.
    package let name: String
    /// nil without one.
    package let quantifier: Quantifier?
    /// nil for one that is not known here.
    package let comparison: Comparison?
    /// Whether it holds where the request has nothing to compare.
    package let ifExists: Bool

    package init(_ name: String) {
        self.name = name
        quantifier = Quantifier.allCases.first { name.hasPrefix($0.rawValue) }
        var rest = name.dropFirst(quantifier?.rawValue.count ?? 0)
        ifExists = rest.hasSuffix("IfExists")
        if ifExists { rest = rest.dropLast("IfExists".count) }
        let comparison = Comparison(rawValue: String(rest))
        // There is no NullIfExists: whether it exists is what Null asks.
        self.comparison = comparison == .null && ifExists ? nil : comparison
    }

    package init(_ comparison: Comparison, _ quantifier: Quantifier? = nil) {
        self.init((quantifier?.rawValue ?? "") + comparison.rawValue)
    }
}
