/// An effect that a service refused: which, and for which slot.
struct RefusedEffect: Hashable, Sendable {
    let kind: EventKind
    let slot: String

    /// - Returns: nil for an intent that is no service's to carry out, or may simply be asked again.
    init?(_ intent: Event) {
        kind = intent.kind
        switch intent {
        case .importIntended(let body): slot = body.slot
        case .proveIntended(let body): slot = body.slot
        case .rotateIntended(let body): slot = body.slot
        case .createIntended(let body): slot = body.slot
        case .aliasIntended(let body): slot = body.slot
        case .revokeIntended(let body): slot = body.slot
        default: return nil
        }
    }
}

extension Record {
    /// Whether the same effect was intended before, and refused: an even earlier call may have had it all the same.
    package func wasRefused(_ intent: Event) -> Bool {
        RefusedEffect(intent).map(refusedEffects.contains) ?? false
    }
}
