import AWS
import Foundation

extension Keyring {
    /// What CreateKey and DescribeKey tell.
    func metadata(of key: ManagedKey) -> KeyMetadata {
        let isImported = key.origin == .external && !key.lacksMaterial
        let earliest = key.materials.filter(\.isPermanent).compactMap(\.validTo).min()
        return KeyMetadata(
            awsAccountID: key.account,
            keyID: key.id,
            arn: key.arn,
            creationDate: Timestamp(key.created),
            enabled: key.state == .enabled,
            description: key.description,
            keyUsage: key.usage,
            keyState: key.state,
            deletionDate: key.deletion?.date.map { Timestamp($0) },
            validTo: isImported ? earliest.map { Timestamp($0) } : nil,
            origin: key.origin,
            expirationModel: isImported ? ExpirationModel(validTo: earliest) : nil,
            keyManager: .customer,
            customerMasterKeySpec: key.spec,
            keySpec: key.spec,
            encryptionAlgorithms: key.type.encryptionAlgorithms(for: key.usage),
            signingAlgorithms: key.type.signingAlgorithms(for: key.usage),
            multiRegion: key.primaryRegion != nil,
            multiRegionConfiguration: multiRegionConfiguration(of: key),
            pendingDeletionWindowInDays: key.state == .pendingReplicaDeletion ? key.deletion?.window : nil,
            macAlgorithms: key.type.macAlgorithms,
            currentKeyMaterialID: key.type == .symmetric ? key.current?.id : nil)
    }

    private func multiRegionConfiguration(of key: ManagedKey) -> MultiRegionConfiguration? {
        guard key.primaryRegion != nil else { return nil }
        let related = related(to: key)
        func listed(_ key: ManagedKey) -> MultiRegionKey { MultiRegionKey(arn: key.arn, region: key.region) }
        return MultiRegionConfiguration(
            multiRegionKeyType: key.isPrimary ? .primary : .replica,
            primaryKey: related.first(where: \.isPrimary).map(listed),
            replicaKeys: related.filter(\.isReplica).map(listed))
    }
}
