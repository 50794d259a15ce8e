package import Evidence

/// What a transcript says was asked of KMS, and the keys that it was about.
package struct CeremonyCalls: Sendable {
    package private(set) var calls: [CeremonyCall] = []
    /// Every key of the ceremony, by ARN.
    package private(set) var keys: Set<String> = []
    /// Every alias of the ceremony, with `alias/`.
    package private(set) var aliases: Set<String> = []
    private var created: [String: String] = [:]
    private let slots: [String: PlanSlot]

    /// - Parameter record: Of a folder that verifies, or does so as far as it got.
    package init(of record: Record) {
        slots = Dictionary(record.plan.slots.map { ($0.slot, $0) }) { first, _ in first }
        keys = Set(record.plan.slots.map(\.key))
        aliases = Set(record.plan.slots.compactMap(\.alias))
        var intent: JournalLine?
        for line in record.transcript.lines {
            if let done = intent, let calls = calls(from: done, to: line) {
                self.calls += calls
                intent = nil
            } else if Self.isIntent(line.event) {
                intent = line
            }
        }
    }

    private static func isIntent(_ event: Event) -> Bool {
        switch event {
        case .createIntended, .fetchIntended, .importIntended, .proveIntended, .rotateIntended, .aliasIntended: true
        default: false
        }
    }

    /// What a result says of the call that was intended; nil where the line is no result.
    private mutating func calls(from intent: JournalLine, to result: JournalLine) -> [CeremonyCall]? {
        func call(
            _ operation: String, _ slot: String, key: String? = nil, alias: String? = nil, material: String? = nil,
            importType: String? = nil, request: String?, error: String? = nil, byService: Bool = false
        ) -> CeremonyCall {
            CeremonyCall(
                line: result.seq, intent: intent.seq, operation: operation, key: key ?? self.key(of: slot),
                alias: alias,
                material: material, importType: importType, request: request, isServiceEvent: byService, error: error,
                from: intent.at, until: result.at)
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
                    importType: slots[body.slot]?.strategy == .rotate ? "NEW_KEY_MATERIAL" : nil,
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
        default: nil
        }
    }

    /// The key that a slot's calls are about: the new one, once it is there.
    private func key(of slot: String) -> String { created[slot] ?? slots[slot]?.key ?? "" }

    /// KMS's id of the material; nil where KMS has none for such a key.
    private func named(_ material: String, in slot: String) -> String? {
        slots[slot]?.keySpec.keepsMaterials == true ? material : nil
    }
}
