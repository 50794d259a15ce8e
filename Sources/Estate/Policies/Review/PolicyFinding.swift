/// What is out of line with what is meant, and what causes it.
package struct PolicyFinding: Hashable, Sendable {
    /// What is wrong with it; the raw value is the finding's name for people and programs.
    package enum Kind: String, Sendable {
        /// Everybody, or everybody of an account without its IAM.
        case anyone
        case otherAccount = "other-account"
        case notIntended = "not-intended"
        /// Whoever an IAM policy of the key's own account lets.
        case throughIAM = "through-iam"
        /// Who administers the key does what the ceremony does, too.
        case both
        /// All actions at once.
        case allActions = "all-actions"
        /// It means all but what it names.
        case negated
        /// A condition that is missing, or lets more pass than is meant.
        case condition
        /// Nothing denies imports outside the window.
        case window
        case grant
        /// Nobody could change the policy.
        case lockedOut = "locked-out"
        case notUnderstood = "not-understood"
    }

    /// What of the policy or of the grants it is about.
    package enum Cause: Hashable, Sendable {
        /// - Parameter number: From 1 on.
        case statement(number: Int, sid: String?)
        case grant(id: String)
        case policy
    }

    package let kind: Kind
    package let cause: Cause
    /// Whose names and values may be a stranger's: to be made fit for a screen.
    package let words: String
    /// What to do.
    package let remedy: String

    package init(_ kind: Kind, _ cause: Cause, _ words: String, remedy: String) {
        self.kind = kind
        self.cause = cause
        self.words = words
        self.remedy = remedy
    }
}

/// Who can do something, and by what.
package struct PowerHolder: Hashable, Sendable {
    package let power: KeyPower
    package let subject: PolicySubject
    /// Whether it takes an IAM policy of their account beside the key's.
    package let throughIAM: Bool
    package let cause: PolicyFinding.Cause
}

/// What a key's policy and grants come to.
package struct PolicyReport: Sendable {
    package let holders: [PowerHolder]
    package let findings: [PolicyFinding]
    /// What neither the policy nor the grants tell.
    package let untold: [String]
}
