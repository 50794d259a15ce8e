package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
extension ListKeyRotations: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        let include = input.includeKeyMaterial ?? .rotationsOnly
        guard [.allKeyMaterial, .rotationsOnly].contains(include) else {
            throw KMSFault.constraint(
                "Value '\(include)' at 'includeKeyMaterial'",
                "satisfy enum value set: [ALL_KEY_MATERIAL, ROTATIONS_ONLY]")
        }
        let key = try keyring.key(input.keyID, aliases: false)
        // Neither the first material nor a pending one came by a rotation.
        let listed = include == .allKeyMaterial ? key.materials : key.materials.filter { $0.rotationDate != nil }
        let page = try Page(
            of: listed, limit: input.limit, fallback: 100, maximum: 1000, marker: input.marker, name: \.id)
        return Output(
            rotations: page.items.map { entry($0, of: key) },
            nextMarker: page.nextMarker,
            truncated: page.isTruncated)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    private static func entry(_ material: KeyMaterial, of key: ManagedKey) -> RotationsListEntry {
        RotationsListEntry(
            keyID: key.id,
            keyMaterialID: material.id,
            keyMaterialDescription: material.description,
            importState: material.secret == nil ? .pendingImport : .imported,
            keyMaterialState: KeyMaterialState(material.stage),
            expirationModel: material.secret == nil ? nil : ExpirationModel(validTo: material.validTo),
            validTo: material.validTo.map { Timestamp($0) },
            rotationDate: material.rotationDate.map { Timestamp($0) },
            rotationType: material.rotationDate == nil ? nil : .onDemand)
    }
}

extension KeyMaterialState {
    init(_ stage: KeyMaterial.Stage) {
        self =
            switch stage {
            case .pendingRotation: .pendingRotation
            case .current: .current
            case .nonCurrent: .nonCurrent
            }
    }
}
