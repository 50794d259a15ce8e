package import Evidence

/// A call to a service of which nobody knows whether it had its effect, as people are told of it.
package struct EarlierCall: Hashable, Sendable, CustomStringConvertible {
    /// The line of the transcript that intended it.
    package let seq: Int
    package let kind: EventKind
    /// The slot of the plan that it is for.
    package let slot: String

    package init(seq: Int, kind: EventKind, slot: String) {
        self.seq = seq
        self.kind = kind
        self.slot = slot
    }

    package var description: String {
        "This changed nothing, but a call before it may have had its effect, whose outcome is not known: \(kind.rawValue) of "
            + "\(slot), line \(seq) of the transcript. It is looked up before anything is done again"
    }
}

/// A service that did not do, or not tell, what it was asked, and had no effect by that: nothing more is known of an earlier call.
package protocol ServiceTrouble: Error {}

/// What stopped a run before it could find out what became of an earlier call.
package struct StoppedUnknowing: Error, CustomStringConvertible {
    /// What a service said, or why nothing came of the question.
    package let error: any Error
    package let earlier: EarlierCall

    package init(error: any Error, earlier: EarlierCall) {
        self.error = error
        self.earlier = earlier
    }

    package var description: String { "\("\(error)".withoutStop). \(earlier)" }
}

extension Engine {
    /// What people must know beside what stopped a run: nobody may read that nothing changed while an earlier call may have.
    func told(_ error: any Error) -> any Error {
        guard let effect = record.unknownCall else { return error }
        let earlier = EarlierCall(seq: effect.seq, kind: effect.kind, slot: effect.slot)
        return switch error {
        case let refused as ServiceRefused: refused.after(earlier)
        case is any ServiceTrouble: StoppedUnknowing(error: error, earlier: earlier)
        default: error
        }
    }
}
