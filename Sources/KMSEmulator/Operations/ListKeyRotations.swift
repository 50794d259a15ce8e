package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
extension ListKeyRotations: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let include = input.includeKeyMaterial ?? .rotationsOnly
        guard [.allKeyMaterial, .rotationsOnly].contains(include) else {
            throw KMSFault.constraint(
                "Value '\(include)' at 'includeKeyMaterial'",
                "satisfy enum value set: [ALL_KEY_MATERIAL, ROTATIONS_ONLY]")
        }
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireRotatable()
        // Neither the first material nor a pending one came by a rotation.
        let listed = include == .allKeyMaterial ? key.materials : key.materials.filter { $0.rotationDate != nil }
        let page = try Page(
            of: listed, limit: input.limit, fallback: 100, maximum: 1000, marker: input.marker, name: \.id)
        let isEverywhere = keyring.related(to: key).allSatisfy(\.hasPendingImported)
        return Output(
            rotations: page.items.map { entry($0, of: key, isEverywhere: isEverywhere) },
            nextMarker: page.nextMarker,
            truncated: page.isTruncated)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    /// - Parameter isEverywhere: Whether pending material is imported into the primary and all replicas.
    private static func entry(
        _ material: KeyMaterial, of key: ManagedKey, isEverywhere: Bool
    ) -> RotationsListEntry {
        let isExternal = key.origin == .external
        return RotationsListEntry(
            keyID: key.id,
            keyMaterialID: material.id,
            keyMaterialDescription: material.description,
            importState: isExternal ? (material.secret == nil ? .pendingImport : .imported) : nil,
            keyMaterialState: state(of: material, isEverywhere: isEverywhere),
            expirationModel: isExternal && material.secret != nil ? ExpirationModel(validTo: material.validTo) : nil,
            validTo: material.validTo.map { Timestamp($0) },
            rotationDate: material.rotationDate.map { Timestamp($0) },
            rotationType: material.rotationDate == nil ? nil : .onDemand)
    }

    private static func state(of material: KeyMaterial, isEverywhere: Bool) -> KeyMaterialState {
        switch material.stage {
        case .pendingRotation: isEverywhere ? .pendingRotation : .pendingMultiRegionImportAndRotation
        case .current: .current
        case .nonCurrent: .nonCurrent
        }
    }
}
