package import AWS
package import Evidence

/// Reads what an account has of keys, and what refers to them.
package struct Inventory: Sendable {
    private let partition: String
    private let account: String
    private let regions: [String]
    private let caller: @Sendable (_ service: Service, _ region: String) throws -> any ServiceCaller

    /// Whom it asks.
    package static let services = [KeyReader.service] + ReferenceSource.all.map(\.service)

    /// - Parameters:
    ///   - regions: Where to look.
    ///   - caller: Who asks a service in a Region.
    package init(
        partition: String, account: String, regions: [String],
        caller: @escaping @Sendable (_ service: Service, _ region: String) throws -> any ServiceCaller
    ) {
        self.partition = partition
        self.account = account
        self.regions = Set(regions).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.caller = caller
    }

    /// All of it, Region by Region. What cannot be read stands in it, and stops nothing.
    ///
    /// - Parameters:
    ///   - time: Now.
    ///   - progress: Is told of each service and Region before it is read.
    /// - Throws: What `caller` throws; `CancellationError`.
    package func read(
        at time: Evidence.Timestamp, progress: (_ service: String, _ region: String) -> Void
    ) async throws -> InventorySnapshot {
        var found: [String: KeyReader.Found] = [:]
        var references: [(ReferenceSource, String, [FoundReference])] = []
        var gaps: Set<InventoryGap> = []
        for region in regions {
            let place = InventoryPlace(partition: partition, account: account, region: region)
            progress(KeyReader.service.name, region)
            var reader = KeyReader(in: place, by: try caller(KeyReader.service, region))
            let keys = try await reader.read()
            found[region] = keys
            gaps.formUnion(keys.gaps)
            for source in ReferenceSource.all {
                progress(source.service.name, region)
                var look = ServiceLook(
                    at: source.service.name, in: place, by: try caller(source.service, region))
                try await source.read(&look)
                gaps.formUnion(look.gaps)
                references.append((source, region, look.references))
            }
        }
        let map = KeyMap(partition: partition, account: account, found)
        return InventorySnapshot(
            header: .init(
                schema: InventorySnapshot.schema, account: account, partition: partition, regions: regions, at: time),
            keys: Set(found.values.flatMap(\.keys)), aliases: aliases(found, map),
            references: Set(
                references.flatMap { source, region, found in
                    found.map { reference($0, of: source, in: region, map) }
                }), unread: gaps)
    }

    private func aliases(_ found: [String: KeyReader.Found], _ map: KeyMap) -> Set<KeyAlias> {
        Set(
            found.flatMap { region, found in
                found.aliases.map { alias in
                    let target = map.target(of: alias, in: region)
                    return KeyAlias(
                        name: OutsideText(alias.aliasName), arn: OutsideText(alias.aliasARN), account: account,
                        region: region, key: target.key.map(OutsideText.init), standing: target.standing)
                }
            })
    }

    private func reference(
        _ found: FoundReference, of source: ReferenceSource, in region: String, _ map: KeyMap
    ) -> KeyReference {
        let region = found.region ?? region
        let name = KeyName(found.names ?? source.defaultAlias)
        let target = map.target(of: name, usedIn: region)
        let form: KeyReference.Form =
            switch name {
            case _ where found.names == nil: .serviceDefault
            case .keyID: .keyID
            case .keyARN: .keyARN
            case .alias: .alias
            case .aliasARN: .aliasARN
            }
        return KeyReference(
            service: source.service.name, type: found.type, resource: OutsideText(found.resource), account: account,
            region: region, setting: found.setting, names: found.names.map(OutsideText.init), form: form,
            followsAlias: source.followsAliases && [.alias, .aliasARN].contains(form),
            key: target.key.map(OutsideText.init), standing: target.standing, bucketKey: found.bucketKey)
    }
}
