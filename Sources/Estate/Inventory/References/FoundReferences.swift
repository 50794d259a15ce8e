import AWS
import Synchronization

/// What was found to refer to keys, in whatever order it was read, before it is known where the names in it lead.
final class FoundReferences: Sendable {
    private let sorter: Mutex<RecordSorter>

    init(_ sorter: RecordSorter = RecordSorter()) { self.sorter = Mutex(sorter) }

    /// - Throws: `EstateError` where the disk takes no more; `CanonicalJSONError`.
    func add(_ found: [FoundReference], of unit: InventoryUnit) throws {
        let records = try found.map { try FoundRecord($0, of: unit).bytes() }
        try sorter.withLock { sorter in for record in records { try sorter.add(record) } }
    }

    /// Each as a snapshot has it, in its order: those of one resource together, each once, and what others say of a resource
    /// only where it does not say that itself.
    ///
    /// - Parameter map: The keys that were read.
    /// - Throws: What `body` throws; `EstateError`.
    func each(_ map: KeyMap, _ body: (KeyReference) throws -> Void) throws {
        let sorter = sorter.withLock { $0 }
        var together: [FoundRecord] = []
        try sorter.each { bytes in
            guard let record = FoundRecord(bytes) else {
                throw EstateError("a temporary file", "it holds what was not written there; read again")
            }
            if let first = together.first, !first.isBeside(record) {
                try Self.references(together, map).forEach(body)
                together.removeAll(keepingCapacity: true)
            }
            together.append(record)
        }
        try Self.references(together, map).forEach(body)
    }

    /// - Parameter found: All of one resource.
    private static func references(_ found: [FoundRecord], _ map: KeyMap) -> [KeyReference] {
        if found.count == 1 { return found.compactMap { reference($0, map) } }
        let told = Set(found.filter { !$0.isHearsay }.map(\.found.setting))
        let own = found.filter { !$0.isHearsay || !told.contains($0.found.setting) }
        return KeyReference.sorted(Set(KeyReference.once(own.compactMap { reference($0, map) })))
    }

    private static func reference(_ record: FoundRecord, _ map: KeyMap) -> KeyReference? {
        guard let source = ReferenceSource.all.first(where: { $0.service.name == record.service }) else { return nil }
        let (found, place) = (record.found, map.place(record.account, record.region))
        let name = KeyName(found.names ?? source.defaultAlias)
        let target = map.target(of: name, usedIn: place)
        let form: KeyReference.Form =
            switch name {
            case _ where found.names == nil: .serviceDefault
            case .keyID: .keyID
            case .keyARN: .keyARN
            case .alias: .alias
            case .aliasARN: .aliasARN
            }
        return KeyReference(
            KeyReference.Naming(
                service: record.service, type: found.type, resource: OutsideText(found.resource),
                account: place.account, region: place.region, setting: found.setting,
                names: found.names.map(OutsideText.init), form: form,
                followsAlias: source.followsAliases && [.alias, .aliasARN].contains(form),
                key: target.key.map(OutsideText.init), standing: target.standing),
            found.details)
    }
}
