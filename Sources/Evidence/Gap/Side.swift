/// One of the two sides of an air gap.
package enum Side: String, Codable, Sendable, CaseIterable {
    /// It has the HSM, and no network.
    case hsm
    /// It reaches KMS, and has no HSM.
    case connected

    package var other: Side { self == .hsm ? .connected : .hsm }
}

extension EventKind {
    /// The side of an air gap that alone writes lines of this kind; nil where either does.
    package var side: Side? {
        switch self {
        case .selfTestIntended, .selfTested, .generateIntended, .generated, .wrapIntended, .wrapped, .wrapAbandoned,
            .settleIntended, .settled:
            .hsm
        case .createIntended, .created, .fetchIntended, .fetched, .importIntended, .imported, .importAbandoned,
            .proveIntended, .proved, .rotateIntended, .rotated, .aliasIntended, .aliasSet, .aliasAbandoned,
            .activationVerified, .revokeIntended, .revoked, .revokeAbandoned, .revocationVerified, .reimportVerified,
            .refused,
            .sealingDestroyIntended, .sealingDestroyed:
            .connected
        case .runStarted, .gateOpened, .approval, .gatePassed, .note, .exception, .exhibit, .aborted, .handedOver,
            .received, .closed:
            nil
        }
    }
}

extension Gate {
    /// The side of an air gap that alone opens this gate: the one that sees what is to be signed. nil where either may.
    package var side: Side? {
        switch self {
        case .release, .activate: .connected
        case .authorize, .close: nil
        }
    }
}
