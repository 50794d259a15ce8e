package import AWS
import CryptoPrimitives

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html>
extension DeleteImportedKeyMaterial: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        if let id = input.keyMaterialID, id.utf8.count != 64 || Hex.decode(id) == nil {
            throw KMSFault.constraint(
                "Value '\(id)' at 'keyMaterialId'", "satisfy regular expression pattern: ^[a-f0-9]+$")
        }
        var key = try keyring.key(input.keyID, aliases: false)
        // "(No effect)" of a key without material, says developerguide/key-state.html.
        guard let id = input.keyMaterialID ?? key.current?.id else { return Output(keyID: key.arn) }
        guard key.material(id) != nil else {
            throw KMSFault.notFound("Key material \(id) is not associated with \(key.arn).")
        }
        key.deleteMaterial(id)
        keyring.store(key)
        return Output(keyID: key.arn, keyMaterialID: id)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
