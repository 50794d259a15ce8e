/// What a transcript says was asked of KMS, and the keys that it was about.
package struct CeremonyCalls: Sendable {
    package private(set) var calls: [CeremonyCall] = []
    /// Every key of the ceremony, by ARN.
    package private(set) var keys: Set<String> = []
    /// Every alias of the ceremony, with `alias/`.
    package private(set) var aliases: Set<String> = []
    private var created: [String: String] = [:]
    private let slots: [String: PlanSlot]
    private let aws: AWSEnvironment

    /// - Parameter record: Of a folder that verifies, or does so as far as it got.
    package init(of record: Record) {
        aws = record.plan.environment.aws
        slots = Dictionary(record.plan.slots.map { ($0.slot, $0) }) { first, _ in first }
        keys = Set(record.plan.slots.map(\.key))
        aliases = Set(record.plan.slots.compactMap(\.alias))
        var open: [Intent: Opened] = [:]
        // Nobody knows whether these were made, and people signed again.
        var abandoned: [Intent: [(opened: Opened, until: Timestamp)]] = [:]
        var latest: Opened?
        for line in record.transcript.lines {
            if Self.isIntent(line.event) {
                let intent = intent(of: line.event)
                let opened = Opened(line: line, first: intent.flatMap { open[$0]?.first } ?? line.at)
                if let intent { open[intent] = opened }
                latest = opened
            } else if let opened = latest, Self.isAbandonment(line.event) {
                intent(of: opened.line.event).map { abandoned[$0, default: []].append((opened, line.at)) }
                latest = nil
            } else if let opened = latest, let calls = calls(from: opened, to: line) {
                // What was refused may have been done by an earlier call, whose answer was lost.
                if line.event.kind != .refused, let intent = intent(of: opened.line.event) {
                    open[intent] = nil
                    let earlier = abandoned.removeValue(forKey: intent) ?? []
                    // AWS answered the last one; what was found by looking may be of any.
                    if calls.contains(where: { $0.request != nil }) {
                        self.calls += earlier.compactMap { uncertainCall($0.opened, until: $0.until) }
                    }
                }
                self.calls += calls
                latest = nil
            }
        }
        guard let last = record.transcript.lines.last?.at else { return }
        self.calls += open.values.sorted { $0.line.seq < $1.line.seq }.compactMap { uncertainCall($0, until: last) }
    }

    /// What is intended, and for what: another line that intends the same takes its place.
    private struct Intent: Hashable {
        let kind: EventKind
        let slot: String
        let purpose: Purpose?
    }

    /// An intent without a result.
    private struct Opened {
        let line: JournalLine
        /// When the same was intended first.
        let first: Timestamp
    }

    private static func isIntent(_ event: Event) -> Bool {
        switch event {
        case .createIntended, .fetchIntended, .importIntended, .proveIntended, .rotateIntended, .aliasIntended,
            .revokeIntended:
            true
        default: false
        }
    }

    private static func isAbandonment(_ event: Event) -> Bool {
        switch event {
        case .importAbandoned, .aliasAbandoned, .revokeAbandoned: true
        default: false
        }
    }

    /// - Returns: nil for what is not about a call that AWS's record is watched for.
    private func intent(of event: Event) -> Intent? {
        var purpose: Purpose?
        if case .fetchIntended(let body) = event { purpose = body.purpose }
        return asked(by: event).map { Intent(kind: event.kind, slot: $0.slot, purpose: purpose) }
    }

    private func uncertainCall(_ opened: Opened, until: Timestamp) -> CeremonyCall? {
        asked(by: opened.line.event).map { asked in
            CeremonyCall(
                line: opened.line.seq, intent: opened.line.seq, operation: asked.operation,
                caller: caller(of: opened.line.event), key: key(of: asked.slot), alias: nil, material: nil,
                importType: nil, expiry: nil, request: nil, isServiceEvent: false, error: nil, isUncertain: true,
                firstIntended: opened.first, from: opened.first, until: max(until, opened.line.at))
        }
    }

    /// What a result says of the call that was intended; nil where the line is no result.
    private mutating func calls(from opened: Opened, to result: JournalLine) -> [CeremonyCall]? {
        let intent = opened.line
        func call(
            _ operation: String, _ slot: String, key: String? = nil, alias: String? = nil, material: String? = nil,
            importType: String? = nil, request: String?, error: String? = nil, byService: Bool = false
        ) -> CeremonyCall {
            // What was found by looking may have come of any time that it was intended.
            let request = request == Learned.unknownRequest ? nil : request
            return CeremonyCall(
                line: result.seq, intent: intent.seq, operation: operation, caller: caller(of: intent.event),
                key: key ?? self.key(of: slot), alias: alias, material: material, importType: importType,
                expiry: operation == "ImportKeyMaterial" && error == nil ? expiry(in: slot) : nil, request: request,
                isServiceEvent: byService,
                error: error, isUncertain: false, firstIntended: opened.first,
                from: request == nil ? opened.first : intent.at, until: result.at)
        }
        switch (intent.event, result.event) {
        case (_, .created(let body)):
            created[body.slot] = body.key
            keys.insert(body.key)
            return [call("CreateKey", body.slot, request: body.learned.request)]
        case (_, .fetched(let body)):
            return [call("GetParametersForImport", body.slot, request: body.request)]
        case (.importIntended(let intended), .imported(let body)):
            return [
                call(
                    "ImportKeyMaterial", body.slot, key: intended.key, material: named(body.material, in: body.slot),
                    importType: importType(in: body.slot),
                    request: body.learned.request)
            ]
        case (_, .proved(let body)):
            guard asked(by: intent.event) != nil else { return [] }
            return [
                call(
                    "ImportKeyMaterial", body.slot, material: body.material, importType: "EXISTING_KEY_MATERIAL",
                    request: body.learned.request)
            ]
        case (.rotateIntended(let intended), .rotated(let body)):
            return [
                call("RotateKeyOnDemand", body.slot, key: intended.key, request: body.learned.request),
                call(
                    "RotateKey", body.slot, key: intended.key, material: body.material, request: nil, byService: true),
            ]
        case (.aliasIntended(let intended), .aliasSet(let body)):
            return [
                call(
                    intended.from == ActivateSlot.noTarget ? "CreateAlias" : "UpdateAlias", body.slot, key: body.target,
                    alias: body.alias, request: body.learned.request)
            ]
        case (.revokeIntended(let intended), .revoked(let body)):
            return [
                call(
                    "DeleteImportedKeyMaterial", body.slot, key: intended.key, material: body.material,
                    request: body.learned.request)
            ]
        case (_, .refused(let body)):
            guard let request = body.request, let asked = asked(by: intent.event) else { return [] }
            return [call(asked.operation, asked.slot, request: request, error: body.code)]
        default:
            return nil
        }
    }

    /// What an intent asks of KMS, and for which slot.
    private func asked(by intent: Event) -> (operation: String, slot: String)? {
        switch intent {
        case .createIntended(let body): ("CreateKey", body.slot)
        case .fetchIntended(let body): ("GetParametersForImport", body.slot)
        case .importIntended(let body): ("ImportKeyMaterial", body.slot)
        case .proveIntended(let body):
            slots[body.slot]?.proof == .secondImport ? ("ImportKeyMaterial", body.slot) : nil
        case .rotateIntended(let body): ("RotateKeyOnDemand", body.slot)
        case .aliasIntended(let body):
            (body.from == ActivateSlot.noTarget ? "CreateAlias" : "UpdateAlias", body.slot)
        case .revokeIntended(let body): ("DeleteImportedKeyMaterial", body.slot)
        default: nil
        }
    }

    /// Who was to call: whom the intent names; before transcripts did, the plan's.
    private func caller(of intent: Event) -> String {
        intent.call.flatMap { $0.caller ?? aws.caller(of: $0.role) } ?? aws.caller
    }

    /// The key that a slot's calls are about: the new one, once it is there.
    private func key(of slot: String) -> String { created[slot] ?? slots[slot]?.key ?? "" }

    /// As what material is imported into a slot's key; nil where KMS is not told.
    private func importType(in slot: String) -> String? {
        switch slots[slot]?.strategy {
        case .rotate: "NEW_KEY_MATERIAL"
        case .reimport: "EXISTING_KEY_MATERIAL"
        default: nil
        }
    }

    /// Until when KMS is to keep what is imported for a slot.
    private func expiry(in slot: String) -> Expiry { slots[slot]?.reimported?.expiry ?? .never }

    /// KMS's id of the material; nil where KMS has none for such a key.
    private func named(_ material: String, in slot: String) -> String? {
        slots[slot]?.keySpec.keepsMaterials == true ? material : nil
    }
}
