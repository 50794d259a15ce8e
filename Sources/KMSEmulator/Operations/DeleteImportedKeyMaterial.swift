package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html>
extension DeleteImportedKeyMaterial: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        if let id = input.keyMaterialID { try MaterialID.validate(id) }
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireExternal()
        guard input.keyMaterialID == nil || key.type == .symmetric else {
            throw KMSFault.validation("A KeyMaterialId is for symmetric encryption keys only.")
        }
        // "(No effect)" of a key without material, says developerguide/key-state.html.
        guard let id = input.keyMaterialID ?? key.current?.id else { return Output(keyID: key.arn) }
        guard key.material(id) != nil else {
            throw KMSFault.notFound("Key material \(id) is not associated with \(key.arn).")
        }
        keyring.forget(id, of: key.arn)
        return Output(keyID: key.arn, keyMaterialID: key.type == .symmetric ? id : nil)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
