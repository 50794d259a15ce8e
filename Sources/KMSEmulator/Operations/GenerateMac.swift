package import AWS
import CryptoPrimitives

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html>
extension GenerateMac: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        let made = try MessageCode(key, message: input.message, algorithm: input.macAlgorithm, for: name)
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(
            mac: Blob(made.code.withUnsafeBytes { Array($0) }), macAlgorithm: input.macAlgorithm, keyID: key.arn)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
