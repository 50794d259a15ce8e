package import AWS
import CryptoPrimitives
package import Foundation

/// The keys, aliases and imports of one account in all Regions, under AWS's rules; it knows no network.
///
/// Everything is kept by ARN. One actor for all Regions, since multi-Region keys change together.
package final actor Keyring {
    package nonisolated let account: String
    /// The Region of calls that name none.
    package nonisolated let region: String
    let wrappingKeys: WrappingKeyPool
    /// What happened, as CloudTrail tells it; a keyring of the past has one of its own.
    nonisolated let trail: EventTrail
    private let hostClock: @Sendable () -> Date
    private let journal: StateJournal?
    private var state: KeyringState
    private var unsaved = KeyringState.Names()
    /// What was before, kept while some answers are to lag; nil while none are.
    private var past: PastStates?
    private var clock = ScaledClock()
    /// When the passing of time next changes a key; nothing is looked through before.
    private var nextDeadline: Date?
    /// The calls that were answered since the start.
    package private(set) var log = CallLog()

    /// - Parameters:
    ///   - account: 12 digits.
    ///   - region: As it stands in ARNs.
    ///   - wrappingKeys: Where GetParametersForImport takes its key pairs from.
    ///   - clock: The time before `setClockOffset` moves it.
    package init(
        account: String, region: String, wrappingKeys: WrappingKeyPool,
        clock: @escaping @Sendable () -> Date = Date.init
    ) {
        self.init(
            account: account, region: region, wrappingKeys: wrappingKeys, clock: clock, state: KeyringState(),
            journal: nil)
    }

    /// - Parameters:
    ///   - state: What was before.
    ///   - journal: Where every change goes before it is answered; nil to forget everything at the end.
    init(
        account: String, region: String, wrappingKeys: WrappingKeyPool, clock: @escaping @Sendable () -> Date,
        state: KeyringState, journal: sending StateJournal?, trail: EventTrail = EventTrail()
    ) {
        self.account = account
        self.region = region
        self.wrappingKeys = wrappingKeys
        self.state = state
        self.journal = journal
        self.trail = trail
        hostClock = clock
        nextDeadline = state.keys.values.compactMap(\.nextDeadline).min()
    }

    /// The service's time: what expires, and what signatures are measured against.
    package var now: Date { clock.time(host: hostClock()).addingTimeInterval(state.clockOffset) }

    /// Moves the service's time away from the host's.
    ///
    /// - Parameter seconds: Positive into the future; at most ten years either way.
    /// - Throws: ValidationException for more; `StateError` when it cannot be kept.
    package func setClockOffset(seconds: TimeInterval) throws {
        guard abs(seconds) <= 10 * 366 * 24 * 60 * 60 else {
            throw KMSFault.validation("The clock moves ten years at most.")
        }
        state.clockOffset = seconds
        clock.start(host: hostClock(), scale: clock.scale)
        unsaved.clock = true
        try save()
    }

    /// Has time pass, and what was before be kept, as a fault plan needs it.
    ///
    /// - Throws: `StateError` when the time cannot be kept.
    func prepare(for plan: FaultPlan) throws {
        past = plan.canLag ? past ?? PastStates() : nil
        let host = hostClock()
        let ahead = clock.time(host: host).timeIntervalSince(host)
        clock.start(host: host, scale: plan.timeScale)
        guard ahead != 0 else { return }
        state.clockOffset += ahead
        unsaved.clock = true
        try save()
    }

    /// The keys as they were some time ago, for questions alone: nothing that changes them comes back here.
    func past(_ lag: Lag) -> Keyring {
        let now = now
        var before = past?.state(lag, now: now) ?? state
        before.clockOffset = 0
        return Keyring(
            account: account, region: region, wrappingKeys: wrappingKeys, clock: { now }, state: before, journal: nil)
    }

    /// - Returns: The id of the key that an identifier means; what it says itself, if it means none.
    func id(of identifier: String?, in region: String) -> String? {
        identifier.map { (try? key($0, in: region).id) ?? $0 }
    }

    /// Answers one call and remembers that it did; what it changed is on disk first, if anything is kept there.
    ///
    /// - Parameter region: Whose endpoint was asked; nil for the one of calls that name none.
    /// - Throws: `KMSFault` for what AWS would refuse; `StateError` when a change cannot be kept.
    package func serve<Operation: KeyringOperation>(
        _ operation: Operation.Type, _ input: Operation.Input, in region: String? = nil
    ) async throws -> Operation.Output {
        let region = region ?? self.region
        do {
            try journal?.requireIntact()
            passTime()
            let output = try await Operation.serve(input, on: self, in: region)
            try save()
            record(Operation.name, key: Operation.keyIdentifier(of: input, output), error: nil, in: region)
            return output
        } catch {
            let fault = error as? KMSFault ?? .internal
            record(Operation.name, key: Operation.keyIdentifier(of: input, nil), error: fault.code, in: region)
            // What a refused call leaves to be kept is what the passing of time has done.
            try save()
            throw error
        }
    }

    /// Remembers a call; those refused before the rules had a say are remembered so too.
    ///
    /// - Parameters:
    ///   - key: As the caller wrote it.
    ///   - error: AWS's name of the refusal.
    package func record(_ operation: String, key: String?, error: String?, in region: String? = nil) {
        past?.calls += 1
        log.append(ServedCall(operation: operation, keyId: id(of: key, in: region ?? self.region), error: error))
    }

    /// Writes what has changed since the last time.
    ///
    /// - Throws: `StateError` when that fails; nothing can be changed from then on.
    func save() throws {
        guard !unsaved.isEmpty else { return }
        past?.close(at: now)
        let change = StateChange(state, unsaved)
        unsaved = KeyringState.Names()
        try journal?.append(change, whole: state)
    }
}

extension Keyring {
    /// The key that an identifier means.
    ///
    /// - Parameter allowed: Whether this operation takes an alias for a key.
    /// - Throws: The refusals AWS has for identifiers that mean no key.
    func key(_ identifier: String, in region: String, aliases allowed: Bool = true) throws -> ManagedKey {
        let id: String
        switch try KeyIdentifier(identifier, region: region, account: account) {
        case .key(let keyID): id = keyID
        case .alias(let name):
            guard allowed else { throw KMSFault.notFound("Invalid keyId '\(identifier)'") }
            id = try alias(name, in: region).keyID
        }
        let arn = arn("key/" + id, in: region)
        guard let key = state.keys[arn] else { throw KMSFault.notFound("Key '\(arn)' does not exist") }
        return key
    }

    /// Every key of a Region, ordered by id.
    func keys(in region: String) -> [ManagedKey] {
        state.keys.values.filter { $0.region == region }.sorted { $0.id < $1.id }
    }

    /// A multi-Region key with all its relations, ordered by Region; a single-Region key alone.
    func related(to key: ManagedKey) -> [ManagedKey] {
        guard key.primaryRegion != nil else { return [key] }
        return state.keys.values.filter { $0.id == key.id }.sorted { $0.region < $1.region }
    }

    func store(_ key: ManagedKey) {
        past?.open(before: state)
        state.keys[key.arn] = key
        unsaved.keys.insert(key.arn)
        if let deadline = key.nextDeadline { nextDeadline = min(nextDeadline ?? deadline, deadline) }
    }

    func alias(_ name: String, in region: String) throws -> Alias {
        let arn = arn(name, in: region)
        guard let alias = state.aliases[arn] else { throw KMSFault.notFound("Alias \(arn) is not found.") }
        return alias
    }

    /// Every alias of a Region, ordered by name.
    func aliases(in region: String) -> [Alias] {
        state.aliases.values.filter { $0.region == region }.sorted { $0.name < $1.name }
    }

    func store(_ alias: Alias) {
        past?.open(before: state)
        state.aliases[alias.arn] = alias
        unsaved.aliases.insert(alias.arn)
    }

    func remove(_ alias: Alias) {
        past?.open(before: state)
        state.aliases[alias.arn] = nil
        unsaved.aliases.insert(alias.arn)
    }

    func importParameters(_ token: Blob) -> ImportParameters? { state.imports[token] }

    /// Keeps what an import will need, and forgets what expired a day ago, which nobody needs to be told of any more.
    func store(_ parameters: ImportParameters) {
        let forgotten = now.addingTimeInterval(-ImportParameters.lifetime)
        for (token, parameters) in state.imports where parameters.validTo < forgotten {
            state.imports[token] = nil
            unsaved.imports.insert(token)
        }
        state.imports[parameters.token] = parameters
        unsaved.imports.insert(parameters.token)
    }

    /// - Parameter resource: `key/ID` or `alias/NAME`.
    nonisolated func arn(_ resource: String, in region: String) -> String {
        "arn:aws:kms:\(region):\(account):\(resource)"
    }
}

extension Keyring {
    /// Does what became due: material expires, keys are deleted, and a primary's waiting period begins when its last
    /// replica is gone.
    func passTime() {
        let now = now
        guard let deadline = nextDeadline, deadline <= now else { return }
        for key in state.keys.values {
            for material in key.materials {
                guard let expiry = material.validTo, expiry <= now else { continue }
                forget(material.id, of: key.arn)
                happened(.expiry(material: material.id), to: key, at: expiry)
            }
        }
        while let due = state.keys.values.first(where: { $0.deletion?.date.map { $0 <= now } == true }) {
            delete(due)
        }
        nextDeadline = state.keys.values.compactMap(\.nextDeadline).min()
    }

    /// Deletes a material: what is permanently associated leaves its entry behind; what is pending leaves nothing, in
    /// no Region, unless it was a replica's copy
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html).
    ///
    /// - Parameter arn: Of the key.
    func forget(_ materialID: String, of arn: String) {
        guard var key = state.keys[arn], let index = key.materials.firstIndex(where: { $0.id == materialID }) else {
            return
        }
        if key.materials[index].isPermanent || key.isReplica {
            key.materials[index].forget()
            store(key)
        } else {
            for var related in related(to: key) {
                related.materials.removeAll { $0.id == materialID }
                store(related)
            }
        }
    }

    private func delete(_ key: ManagedKey) {
        past?.open(before: state)
        state.keys[key.arn] = nil
        unsaved.keys.insert(key.arn)
        happened(.deletion, to: key, at: key.deletion?.date)
        for alias in aliases(in: key.region) where alias.keyID == key.id { remove(alias) }
        guard key.isReplica, let deleted = key.deletion?.date else { return }
        let remaining = related(to: key)
        if var primary = remaining.first(where: \.isPrimary), primary.state == .pendingReplicaDeletion,
            let window = primary.deletion?.window, !remaining.contains(where: \.isReplica)
        {
            primary.deletion?.date = deleted.addingTimeInterval(Double(window) * ScheduleKeyDeletion.day)
            store(primary)
        }
    }
}
