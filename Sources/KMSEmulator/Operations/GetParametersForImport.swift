package import AWS
import CryptoPrimitives
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html>
extension GetParametersForImport: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        guard WrappingKeyPool.bits(of: input.wrappingKeySpec) != nil else {
            throw KMSFault.constraint(
                "Value '\(input.wrappingKeySpec)' at 'wrappingKeySpec'",
                "satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096]")
        }
        // AWS has more, for other key types and for SHA-1; the emulator does not unwrap what Keyrite never wraps.
        guard input.wrappingAlgorithm == .rsaesOAEPSHA256 else {
            throw KMSFault.unsupported("The emulator unwraps RSAES_OAEP_SHA_256 only.")
        }
        let key = try keyring.key(input.keyID, aliases: false)
        let wrappingKey = try await keyring.wrappingKeys.take(input.wrappingKeySpec)
        let parameters = ImportParameters(
            keyID: key.id,
            wrappingKey: wrappingKey,
            validTo: keyring.now.addingTimeInterval(ImportParameters.lifetime))
        let token = Blob(try SecureRandom.bytes(count: ImportParameters.tokenSize))
        keyring.imports[token] = parameters
        return Output(
            keyID: key.arn,
            importToken: token,
            publicKey: Blob(wrappingKey.publicKey.spki),
            parametersValidTo: Timestamp(parameters.validTo))
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
