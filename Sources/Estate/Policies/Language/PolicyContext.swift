import Evidence
import Foundation

/// Whether something holds of a request of which not all is known.
package enum Holds: Sendable {
    case yes
    case no
    /// It depends on what is not known.
    case maybe
}

/// What conditions are compared with: the values of a request's condition keys, as far as they are known.
package struct PolicyContext: Sendable {
    /// By the key in lowercase; an empty list for a key that the request does not have.
    private var values: [String: [String]] = [:]
    /// Whether the request has no other keys.
    private let isWhole: Bool

    /// - Parameters:
    ///   - values: By condition key, such as `kms:WrappingKeySpec`.
    ///   - isWhole: Whether the request has no other keys; otherwise nothing is known of them.
    package init(_ values: [String: [String]], isWhole: Bool) {
        self.isWhole = isWhole
        for (key, list) in values { self.values[PolicyPattern.lowercased(key)] = list }
    }

    /// nil where it is not known.
    private func values(of key: String) -> [String]? { values[PolicyPattern.lowercased(key)] ?? (isWhole ? [] : nil) }

    /// Whether all conditions hold.
    package func satisfies(_ conditions: [PolicyCondition]) -> Holds {
        var all = Holds.yes
        for condition in conditions {
            switch satisfies(condition) {
            case .no: return .no
            case .maybe: all = .maybe
            case .yes: break
            }
        }
        return all
    }

    func satisfies(_ condition: PolicyCondition) -> Holds {
        guard let comparison = condition.comparison.comparison, !condition.hasVariables,
            let values = values(of: condition.key)
        else { return .maybe }
        if comparison == .null {
            let wants = condition.values.map { $0.lowercased() }
            guard wants.allSatisfy(["true", "false"].contains) else { return .maybe }
            return wants.contains(values.isEmpty ? "true" : "false") ? .yes : .no
        }
        let quantifier = condition.comparison.quantifier
        guard !values.isEmpty else {
            let holds =
                condition.comparison.ifExists || quantifier == .each || quantifier == nil && comparison.isNegated
            return holds ? .yes : .no
        }
        var each: [Bool] = []
        for value in values {
            guard let matches = condition.matches(value, comparison) else { return .maybe }
            each.append(matches != comparison.isNegated)
        }
        switch quantifier {
        case .any: return each.contains(true) ? .yes : .no
        case .each: return each.contains(false) ? .no : .yes
        // Of several values, which only a quantifier is made for: one that is meant is enough, or one that is not.
        case nil: return each.contains(!comparison.isNegated) == !comparison.isNegated ? .yes : .no
        }
    }
}

extension PolicyCondition {
    /// Whether a value is filled in when a request is made: `${aws:username}`.
    package var hasVariables: Bool { values.contains { $0.contains("${") } }

    /// Whether a request's value is among the condition's, by what the comparison is without its negation.
    ///
    /// - Returns: nil for what cannot be compared here.
    fileprivate func matches(_ found: String, _ comparison: ConditionOperator.Comparison) -> Bool? {
        switch comparison {
        case .stringEquals, .stringNotEquals, .binaryEquals:
            values.contains { $0.utf8.elementsEqual(found.utf8) }
        case .stringEqualsIgnoreCase, .stringNotEqualsIgnoreCase:
            among(found, where: { $0.utf8.allSatisfy { $0 < 0x80 } })
        case .bool: among(found, where: { ["true", "false"].contains(PolicyPattern.lowercased($0)) })
        case .stringLike, .stringNotLike: values.contains { PolicyPattern.matches($0, found) }
        case .arnEquals, .arnLike, .arnNotEquals, .arnNotLike:
            matchesARN(found)
        case .dateEquals, .dateNotEquals: ordered(found, Self.seconds, ==)
        case .dateLessThan: ordered(found, Self.seconds, <)
        case .dateLessThanEquals: ordered(found, Self.seconds, <=)
        case .dateGreaterThan: ordered(found, Self.seconds, >)
        case .dateGreaterThanEquals: ordered(found, Self.seconds, >=)
        case .numericEquals, .numericNotEquals: ordered(found, Self.number, ==)
        case .numericLessThan: ordered(found, Self.number, <)
        case .numericLessThanEquals: ordered(found, Self.number, <=)
        case .numericGreaterThan: ordered(found, Self.number, >)
        case .numericGreaterThanEquals: ordered(found, Self.number, >=)
        case .ipAddress, .notIPAddress, .null: nil
        }
    }

    /// - Parameter isComparable: What of values and texts can be compared here.
    private func among(_ found: String, where isComparable: (String) -> Bool) -> Bool? {
        guard (values + [found]).allSatisfy(isComparable) else { return nil }
        return values.contains { PolicyPattern.lowercased($0) == PolicyPattern.lowercased(found) }
    }

    private func matchesARN(_ found: String) -> Bool? {
        let each = values.map { PolicyPattern.matchesARN($0, found) }
        return each.contains(nil) ? nil : each.contains(true)
    }

    private func ordered(_ found: String, _ read: (String) -> Double?, _ compare: (Double, Double) -> Bool) -> Bool? {
        guard let found = read(found) else { return nil }
        let wanted = values.map(read)
        guard !wanted.contains(nil) else { return nil }
        return wanted.contains { $0.map { compare(found, $0) } ?? false }
    }

    private static func number(_ text: String) -> Double? {
        text.utf8.allSatisfy { "0123456789.+-".utf8.contains($0) } ? Double(text) : nil
    }

    /// Seconds since 1970, of a time in UTC or of a number of them.
    private static func seconds(_ text: String) -> Double? {
        if let time = Evidence.Timestamp(text) { return Double(time.epochSeconds) }
        return Int64(text).map(Double.init)
    }
}
