package import AWS
import CryptoPrimitives

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html>
extension GetPublicKey: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        guard key.type.family == .asymmetric else {
            throw KMSFault.unsupported("\(key.arn) is not an asymmetric key.")
        }
        try key.requireEnabled()
        guard let secret = key.current?.secret else { throw KMSFault.internal }
        return Output(
            keyID: key.arn,
            publicKey: Blob(try PrivateKey(pkcs8: secret, isChecked: true).spki),
            keySpec: key.spec,
            keyUsage: key.usage,
            customerMasterKeySpec: key.spec,
            encryptionAlgorithms: key.type.encryptionAlgorithms(for: key.usage),
            signingAlgorithms: key.type.signingAlgorithms(for: key.usage))
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
