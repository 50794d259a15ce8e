import CryptoPrimitives

/// The kinds of line in a transcript. An effect has two: what is intended, then what came of it.
package enum EventKind: String, Codable, Sendable, CaseIterable {
    case runStarted = "run-started"
    case gateOpened = "gate-opened"
    case approval
    case gatePassed = "gate-passed"
    case selfTestIntended = "self-test-intended"
    case selfTested = "self-tested"
    case generateIntended = "generate-intended"
    case generated
    case createIntended = "create-intended"
    case created
    case fetchIntended = "fetch-intended"
    case fetched
    case wrapIntended = "wrap-intended"
    case wrapped
    case wrapAbandoned = "wrap-abandoned"
    case importIntended = "import-intended"
    case imported
    case importAbandoned = "import-abandoned"
    case proveIntended = "prove-intended"
    case proved
    case rotateIntended = "rotate-intended"
    case rotated
    case aliasIntended = "alias-intended"
    case aliasSet = "alias-set"
    case aliasAbandoned = "alias-abandoned"
    case activationVerified = "activation-verified"
    case revokeIntended = "revoke-intended"
    case revoked
    case revokeAbandoned = "revoke-abandoned"
    case revocationVerified = "revocation-verified"
    case reimportVerified = "reimport-verified"
    case settleIntended = "settle-intended"
    case settled
    case note
    case exception
    case exhibit
    case aborted
    case refused
    case handedOver = "handed-over"
    case received
    case sealingDestroyIntended = "sealing-destroy-intended"
    case sealingDestroyed = "sealing-destroyed"
    case closed
}

/// What a line of the transcript says.
package enum Event: Hashable, Sendable {
    case runStarted(RunStarted)
    case gateOpened(Statement)
    case approval(RecordedApproval)
    case gatePassed(GatePassed)
    case selfTestIntended(SelfTestIntended)
    case selfTested(SelfTested)
    case generateIntended(GenerateIntended)
    case generated(Generated)
    case createIntended(CreateIntended)
    case created(Created)
    case fetchIntended(FetchIntended)
    case fetched(Fetched)
    case wrapIntended(WrapIntended)
    case wrapped(Wrapped)
    case wrapAbandoned(WrapAbandoned)
    case importIntended(ImportIntended)
    case imported(Imported)
    case importAbandoned(ImportAbandoned)
    case proveIntended(ProveIntended)
    case proved(Proved)
    case rotateIntended(RotateIntended)
    case rotated(Rotated)
    case aliasIntended(AliasIntended)
    case aliasSet(AliasSet)
    case aliasAbandoned(AliasAbandoned)
    case activationVerified(ActivationVerified)
    case revokeIntended(RevokeIntended)
    case revoked(Revoked)
    case revokeAbandoned(RevokeAbandoned)
    case revocationVerified(RevocationVerified)
    case reimportVerified(ReimportVerified)
    case settleIntended(SettleIntended)
    case settled(Settled)
    case note(Note)
    case exception(Deviation)
    case exhibit(Exhibit)
    case aborted(Aborted)
    case refused(Refused)
    case handedOver(HandedOver)
    case received(Received)
    case sealingDestroyIntended(SealingDestroyed)
    case sealingDestroyed(SealingDestroyed)
    case closed(Closed)

    package var kind: EventKind {
        switch self {
        case .runStarted: .runStarted
        case .gateOpened: .gateOpened
        case .approval: .approval
        case .gatePassed: .gatePassed
        case .selfTestIntended: .selfTestIntended
        case .selfTested: .selfTested
        case .generateIntended: .generateIntended
        case .generated: .generated
        case .createIntended: .createIntended
        case .created: .created
        case .fetchIntended: .fetchIntended
        case .fetched: .fetched
        case .wrapIntended: .wrapIntended
        case .wrapped: .wrapped
        case .wrapAbandoned: .wrapAbandoned
        case .importIntended: .importIntended
        case .imported: .imported
        case .importAbandoned: .importAbandoned
        case .proveIntended: .proveIntended
        case .proved: .proved
        case .rotateIntended: .rotateIntended
        case .rotated: .rotated
        case .aliasIntended: .aliasIntended
        case .aliasSet: .aliasSet
        case .aliasAbandoned: .aliasAbandoned
        case .activationVerified: .activationVerified
        case .revokeIntended: .revokeIntended
        case .revoked: .revoked
        case .revokeAbandoned: .revokeAbandoned
        case .revocationVerified: .revocationVerified
        case .reimportVerified: .reimportVerified
        case .settleIntended: .settleIntended
        case .settled: .settled
        case .note: .note
        case .exception: .exception
        case .exhibit: .exhibit
        case .aborted: .aborted
        case .refused: .refused
        case .handedOver: .handedOver
        case .received: .received
        case .sealingDestroyIntended: .sealingDestroyIntended
        case .sealingDestroyed: .sealingDestroyed
        case .closed: .closed
        }
    }
}

extension Event {
    /// Reads the body that belongs to `kind`.
    init<Key: CodingKey>(kind: EventKind, from container: KeyedDecodingContainer<Key>, forKey key: Key) throws {
        func body<T: Decodable>(_ type: T.Type = T.self) throws -> T { try container.decode(type, forKey: key) }
        switch kind {
        case .runStarted: self = .runStarted(try body())
        case .gateOpened:
            let statement: Statement = try body()
            guard statement.schema == Statement.currentSchema else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "its schema is not \(Statement.currentSchema)")
            }
            self = .gateOpened(statement)
        case .approval: self = .approval(try body())
        case .gatePassed: self = .gatePassed(try body())
        case .selfTestIntended: self = .selfTestIntended(try body())
        case .selfTested: self = .selfTested(try body())
        case .generateIntended: self = .generateIntended(try body())
        case .generated: self = .generated(try body())
        case .createIntended: self = .createIntended(try body())
        case .created: self = .created(try body())
        case .fetchIntended: self = .fetchIntended(try body())
        case .fetched: self = .fetched(try body())
        case .wrapIntended: self = .wrapIntended(try body())
        case .wrapped: self = .wrapped(try body())
        case .wrapAbandoned: self = .wrapAbandoned(try body())
        case .importIntended: self = .importIntended(try body())
        case .imported: self = .imported(try body())
        case .importAbandoned: self = .importAbandoned(try body())
        case .proveIntended: self = .proveIntended(try body())
        case .proved: self = .proved(try body())
        case .rotateIntended: self = .rotateIntended(try body())
        case .rotated: self = .rotated(try body())
        case .aliasIntended: self = .aliasIntended(try body())
        case .aliasSet: self = .aliasSet(try body())
        case .aliasAbandoned: self = .aliasAbandoned(try body())
        case .activationVerified: self = .activationVerified(try body())
        case .revokeIntended: self = .revokeIntended(try body())
        case .revoked: self = .revoked(try body())
        case .revokeAbandoned: self = .revokeAbandoned(try body())
        case .revocationVerified: self = .revocationVerified(try body())
        case .reimportVerified: self = .reimportVerified(try body())
        case .settleIntended: self = .settleIntended(try body())
        case .settled: self = .settled(try body())
        case .note: self = .note(try body())
        case .exception: self = .exception(try body())
        case .exhibit: self = .exhibit(try body())
        case .aborted: self = .aborted(try body())
        case .refused: self = .refused(try body())
        case .handedOver: self = .handedOver(try body())
        case .received: self = .received(try body())
        case .sealingDestroyIntended: self = .sealingDestroyIntended(try body())
        case .sealingDestroyed: self = .sealingDestroyed(try body())
        case .closed: self = .closed(try body())
        }
    }

    /// The body alone, for encoding.
    var body: any Encodable {
        switch self {
        case .runStarted(let body): body
        case .gateOpened(let body): body
        case .approval(let body): body
        case .gatePassed(let body): body
        case .selfTestIntended(let body): body
        case .selfTested(let body): body
        case .generateIntended(let body): body
        case .generated(let body): body
        case .createIntended(let body): body
        case .created(let body): body
        case .fetchIntended(let body): body
        case .fetched(let body): body
        case .wrapIntended(let body): body
        case .wrapped(let body): body
        case .wrapAbandoned(let body): body
        case .importIntended(let body): body
        case .imported(let body): body
        case .importAbandoned(let body): body
        case .proveIntended(let body): body
        case .proved(let body): body
        case .rotateIntended(let body): body
        case .rotated(let body): body
        case .aliasIntended(let body): body
        case .aliasSet(let body): body
        case .aliasAbandoned(let body): body
        case .activationVerified(let body): body
        case .revokeIntended(let body): body
        case .revoked(let body): body
        case .revokeAbandoned(let body): body
        case .revocationVerified(let body): body
        case .reimportVerified(let body): body
        case .settleIntended(let body): body
        case .settled(let body): body
        case .note(let body): body
        case .exception(let body): body
        case .exhibit(let body): body
        case .aborted(let body): body
        case .refused(let body): body
        case .handedOver(let body): body
        case .received(let body): body
        case .sealingDestroyIntended(let body): body
        case .sealingDestroyed(let body): body
        case .closed(let body): body
        }
    }
}
