/// Something that stops a ceremony, said to the person who must act.
package struct CeremonyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is; it decides the exit code.
    package enum Kind: Hashable, Sendable {
        /// What was given is wrong: a file, an argument, a name.
        case invalidInput
        /// The surroundings are not those of the plan, or not fit for it.
        case environment
        /// Something in the HSM, in KMS or on disk is not as it must be.
        case state
    }

    package let kind: Kind
    package let what: String
    /// What to do about it.
    package let remedy: String

    package init(_ kind: Kind, _ what: String, remedy: String) {
        self.kind = kind
        self.what = what
        self.remedy = remedy
    }

    package var description: String { "\(what). \(remedy)" }
}

/// An outside call whose answer was lost: it may have had its effect, or not. Only looking tells.
package struct AnswerLost: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String

    package init(call: String) { self.call = call }

    package var description: String {
        "No answer came to \(call), and so far no effect of it shows. Run again: that is looked up before anything is "
            + "done again"
    }
}

/// KMS has no key of this name, neither by id nor by alias.
package struct NoSuchKey: Error, Hashable, Sendable, CustomStringConvertible {
    /// The id, ARN or alias that was asked for.
    package let key: String
    /// Where it was asked for.
    package let endpoint: String

    package init(_ key: String, at endpoint: String) {
        self.key = key
        self.endpoint = endpoint
    }

    package var what: String { "KMS at \(endpoint) has no \(key)" }
    /// What to do about it.
    package var remedy: String { "Check the name, and that account and Region are those of the key" }

    package var description: String { "\(what). \(remedy)" }
}
