/// A decoder of what strangers hand in, with what must be true of whatever it accepts.
///
/// `scripts/fuzz` hands each of them random inputs, and a test those in which something was found once.
package enum Decoder: String, CaseIterable, Sendable {
    case json
    case roster
    case rosterChain
    case plan
    case statement
    case approval
    case lineEnds
    case transcript
    case manifest
    case handover
    case hostCard
    case attestation
    case reconciliation
    case evidence
    case signature
    case publicKey
    case keyFile
    case percent
    case timeStampRequest
    case timeStampAnswer
    case timeStampAuthorities
    case sealed
    case derKey
    case definition
    case rosterDefinition
    case site
    case events
    case snapshot
    case prices
    case quantities
    case policy

    /// Hands it an input, which it may refuse with an error for people.
    ///
    /// - Throws: `Finding` when it accepts what it may not, or refuses it otherwise.
    package func take(_ bytes: [UInt8]) throws {
        switch self {
        case .json: try Documents.json(bytes)
        case .roster: try Documents.roster(bytes)
        case .rosterChain: try Folders.rosterChain(bytes)
        case .plan: try Documents.plan(bytes)
        case .statement: try Documents.statement(bytes)
        case .approval: try Documents.approval(bytes)
        case .lineEnds: try Folders.lineEnds(bytes)
        case .transcript: try Documents.transcript(bytes)
        case .manifest: try Folders.manifest(bytes)
        case .handover: try Documents.handover(bytes)
        case .hostCard: try Documents.hostCard(bytes)
        case .attestation: try Documents.attestation(bytes)
        case .reconciliation: try Folders.reconciliation(bytes)
        case .evidence: try Folders.evidence(bytes)
        case .signature: try Keys.signature(bytes)
        case .publicKey: try Keys.publicKey(bytes)
        case .keyFile: try Keys.keyFile(bytes)
        case .percent: try Documents.percent(bytes)
        case .timeStampRequest: try Stamps.request(bytes)
        case .timeStampAnswer: try Stamps.answer(bytes)
        case .timeStampAuthorities: try Stamps.authorities(bytes)
        case .sealed: try Keys.sealed(bytes)
        case .derKey: try Keys.der(bytes)
        case .definition: try Inputs.definition(bytes)
        case .rosterDefinition: try Inputs.rosterDefinition(bytes)
        case .site: try Inputs.site(bytes)
        case .events: try Inputs.events(bytes)
        case .snapshot: try Inputs.snapshot(bytes)
        case .prices: try Inputs.prices(bytes)
        case .quantities: try Inputs.quantities(bytes)
        case .policy: try Inputs.policy(bytes)
        }
    }
}

/// What a decoder did with an input that it may not.
package struct Finding: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// - Parameter holds: What must be true of what was accepted.
    static func unless(_ holds: Bool, _ otherwise: String) throws {
        guard holds else { throw Finding(otherwise) }
    }

    /// Reads something that may be refused by errors of one kind alone, since only those are told to people as they should be.
    ///
    /// - Returns: nil where it was refused.
    static func refusing<Value, Refusal: Error>(_: Refusal.Type, _ read: () throws -> Value) throws -> Value? {
        do { return try read() } catch is Refusal { return nil } catch let finding as Finding { throw finding } catch {
            throw Finding("not an error for people: \(error)")
        }
    }
}
