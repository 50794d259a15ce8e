import Foundation

/// KMS's own check that whoever sets a key policy may set another one afterwards, unless they bypass it.
///
/// Where the policy names them it decides; where it leaves it to the account's IAM, that does: here the fault plan's
/// permissions. Of conditions those on who calls are looked at; under any other an Allow is taken to hold, and a Deny
/// not to.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>, Policy and
/// BypassPolicyLockoutSafetyCheck
package enum PolicyLockout {
    /// Who sets a policy.
    package struct Caller: Sendable {
        /// 12 digits.
        let account: String
        /// The ARNs by which a policy can name them: a user's, or a role's and its session's.
        let arns: [String]
        /// What conditions call them.
        let principalARN: String
        /// Whether their own policies let them call PutKeyPolicy.
        let isLetByIAM: Bool

        /// - Parameters:
        ///   - arn: Of a user, or of an assumed role's session.
        ///   - role: The ARN of the role behind a session.
        package init(account: String, arn: String, role: String?, isLetByIAM: Bool) {
            self.account = account
            arns = [arn] + (role.map { [$0] } ?? [])
            principalARN = role ?? arn
            self.isLetByIAM = isLetByIAM
        }
    }

    /// Who makes the call that is being served; nil for whoever runs the emulator, whom no policy binds.
    @TaskLocal package static var caller: Caller?

    /// - Parameter isBypassed: What the call says of BypassPolicyLockoutSafetyCheck.
    /// - Throws: MalformedPolicyDocumentException.
    static func check(_ policy: String, isBypassed: Bool?) throws {
        guard isBypassed != true, let caller else { return }
        let document = try? JSONSerialization.jsonObject(with: Data(policy.utf8)) as? [String: Any]
        guard caller.mayChange(document ?? [:]) else {
            throw KMSFault(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.")
        }
    }
}

extension PolicyLockout.Caller {
    private enum Reach { case direct, byIAM }

    fileprivate func mayChange(_ document: [String: Any]) -> Bool {
        let one = (document["Statement"] as? [String: Any]).map { [$0] }
        let statements = (one ?? document["Statement"] as? [[String: Any]] ?? []).filter(Self.isOfPutKeyPolicy)
        let allowing = statements.filter { $0["Effect"] as? String == "Allow" && holds($0["Condition"]) != false }
        let denying = statements.filter { $0["Effect"] as? String == "Deny" && holds($0["Condition"]) == true }
        guard !denying.contains(where: { reach($0) != nil }) else { return false }
        return allowing.contains { reach($0).map { $0 == .direct || isLetByIAM } ?? false }
    }

    /// A statement without one of these elements has no effect, though KMS takes it.
    private static func isOfPutKeyPolicy(_ statement: [String: Any]) -> Bool {
        guard statement["Resource"] != nil || statement["NotResource"] != nil else { return false }
        func means(_ patterns: [String]) -> Bool {
            patterns.contains { matches($0.lowercased(), "kms:putkeypolicy") }
        }
        if let names = texts(statement["Action"]) { return means(names) }
        return texts(statement["NotAction"]).map { !means($0) } ?? false
    }

    /// How a statement is about them; nil if it is not.
    private func reach(_ statement: [String: Any]) -> Reach? {
        guard let negated = statement["NotPrincipal"] else { return reach(of: statement["Principal"]) }
        return reach(of: negated) == nil ? .direct : nil
    }

    private func reach(of principals: Any?) -> Reach? {
        let names = principals as? String == "*" ? ["*"] : Self.texts((principals as? [String: Any])?["AWS"]) ?? []
        if names.contains("*") || arns.contains(where: names.contains) { return .direct }
        return names.contains(account) || names.contains("arn:aws:iam::\(account):root") ? .byIAM : nil
    }

    /// Whether all conditions hold; nil where nobody knows here.
    private func holds(_ conditions: Any?) -> Bool? {
        guard let conditions else { return true }
        guard let operators = conditions as? [String: [String: Any]] else { return nil }
        let each = operators.flatMap { name, keys in keys.map { holds(name, $0.key, Self.texts($0.value)) } }
        return each.contains(false) ? false : each.contains(nil) ? nil : true
    }

    private func holds(_ name: String, _ key: String, _ values: [String]?) -> Bool? {
        let found: String
        switch key.lowercased() {
        case "aws:principalarn": found = principalARN
        case "aws:principalaccount", "kms:calleraccount": found = account
        default: return nil
        }
        guard let values else { return nil }
        switch name {
        case "StringEquals": return values.contains(found)
        case "StringNotEquals": return !values.contains(found)
        case "StringLike", "ArnLike", "ArnEquals": return values.contains { Self.matches($0, found) }
        case "StringNotLike", "ArnNotLike", "ArnNotEquals": return !values.contains { Self.matches($0, found) }
        default: return nil
        }
    }

    private static func texts(_ json: Any?) -> [String]? { (json as? String).map { [$0] } ?? json as? [String] }

    /// Whether a text is one that a pattern means: `*` is any characters, `?` one.
    private static func matches(_ pattern: String, _ text: String) -> Bool {
        // How much of the pattern can have been used up by what was read so far.
        let pattern = Array(pattern.utf8)
        func skippingStars(_ places: Set<Int>) -> Set<Int> {
            var all = places
            for place in pattern.indices where all.contains(place) && pattern[place] == UInt8(ascii: "*") {
                all.insert(place + 1)
            }
            return all
        }
        var places = skippingStars([0])
        for byte in text.utf8 {
            let next = places.flatMap { place -> [Int] in
                guard place < pattern.count else { return [] }
                if pattern[place] == UInt8(ascii: "*") { return [place] }
                return pattern[place] == byte || pattern[place] == UInt8(ascii: "?") ? [place + 1] : []
            }
            places = skippingStars(Set(next))
        }
        return places.contains(pattern.count)
    }
}
