package import AWS
import CryptoPrimitives
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html>
extension GetParametersForImport: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        guard WrappingKeyPool.bits(of: input.wrappingKeySpec) != nil else {
            throw KMSFault.constraint(
                "Value '\(input.wrappingKeySpec)' at 'wrappingKeySpec'",
                "satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096]")
        }
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireExternal()
        try key.requireNotPendingDeletion()
        try WrappingRules.require(input.wrappingAlgorithm, with: input.wrappingKeySpec, for: key)
        let wrappingKey = try await keyring.wrappingKeys.take(input.wrappingKeySpec)
        let parameters = ImportParameters(
            token: Blob(try SecureRandom.bytes(count: ImportParameters.tokenSize)),
            keyARN: key.arn,
            wrappingAlgorithm: input.wrappingAlgorithm,
            wrappingKey: wrappingKey,
            validTo: keyring.now.addingTimeInterval(ImportParameters.lifetime))
        keyring.store(parameters)
        return Output(
            keyID: key.arn,
            importToken: parameters.token,
            publicKey: Blob(wrappingKey.spki),
            parametersValidTo: Timestamp(parameters.validTo))
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
