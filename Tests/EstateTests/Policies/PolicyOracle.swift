import Estate
import Foundation

/// What AWS answers to a call, after its manual and by nothing of what reads policies here but their grammar.
///
/// It knows the operators that the tests make policies of.
struct PolicyOracle {
    /// An ARN.
    let caller: String
    /// All that the call has, but for who calls.
    let context: [String: [String]]

    private var account: String { caller.split(separator: ":", omittingEmptySubsequences: false).map(String.init)[4] }

    /// Whether it lets a caller whom their own account lets do everything.
    func lets(_ action: String, by policy: PolicyDocument) -> Bool {
        let about = policy.statements.filter { isAbout($0, action) && $0.conditions.allSatisfy(holds) }
        return about.contains { $0.effect == .allow } && !about.contains { $0.effect == .deny }
    }

    private func isAbout(_ statement: PolicyStatement, _ action: String) -> Bool {
        let listed = (statement.principals?.members ?? []).contains { member in
            switch member {
            case .everyone: true
            case .aws(let name): name == caller || name == account || name == "arn:aws:iam::\(account):root"
            case .service, .federated, .canonicalUser: false
            }
        }
        let named = statement.actions.patterns.contains { Self.isLike($0.lowercased(), action.lowercased()) }
        return listed != statement.principals?.isNegated && named != statement.actions.isNegated
    }

    private func found(_ key: String) -> [String] {
        switch key.lowercased() {
        case "aws:principalarn": [caller]
        case "aws:principalaccount", "kms:calleraccount": [account]
        default: context.first { $0.key.lowercased() == key.lowercased() }?.value ?? []
        }
    }

    private func holds(_ condition: PolicyCondition) -> Bool {
        let parts = condition.comparison.name.split(separator: ":").map(String.init)
        let isEach = parts[0] == "ForAllValues"
        let isAny = parts[0] == "ForAnyValue"
        let ifExists = parts.last?.hasSuffix("IfExists") == true
        let name = String(parts.last?.dropLast(ifExists ? 8 : 0) ?? "")
        let found = found(condition.key)
        if name == "Null" { return condition.values.contains(found.isEmpty ? "true" : "false") }
        let isNegated = name.contains("Not")
        guard !found.isEmpty else { return ifExists || isEach || isNegated && !isAny }
        let each = found.map { one in condition.values.contains { Self.compares(name, one, $0) } != isNegated }
        return isEach ? each.allSatisfy(\.self) : each.contains(true)
    }

    private static func compares(_ name: String, _ found: String, _ wanted: String) -> Bool {
        switch name {
        case "StringEquals", "StringNotEquals": return found == wanted
        case "StringEqualsIgnoreCase", "Bool": return found.lowercased() == wanted.lowercased()
        case "StringLike", "StringNotLike": return isLike(wanted, found)
        case "DateLessThan": return found < wanted
        case "DateGreaterThanEquals": return found >= wanted
        case "NumericLessThan": return (Int(found) ?? 0) < (Int(wanted) ?? 0)
        default:
            precondition(name.hasPrefix("Arn"), name)
            func parts(_ arn: String) -> [String] {
                arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
            }
            return zip(parts(wanted), parts(found)).allSatisfy(isLike)
        }
    }

    /// By trying everything that a `*` can stand for.
    private static func isLike(_ pattern: some StringProtocol, _ text: some StringProtocol) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == "*" {
            return text.indices.contains { isLike(rest, text[$0...]) } || isLike(rest, "")
        }
        return (first == "?" ? !text.isEmpty : text.first == first) && isLike(rest, text.dropFirst())
    }
}
