package import AWS
import CryptoPrimitives

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html>
extension GenerateRandom: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try KMSFault.refuse(recipient: input.recipient)
        guard input.customKeyStoreID == nil else {
            throw KMSFault("CustomKeyStoreNotFoundException", "The emulator has no custom key stores.")
        }
        guard let count = input.numberOfBytes else {
            throw KMSFault.validation("NumberOfBytes is required.")
        }
        guard (1...1024).contains(count) else {
            throw KMSFault.constraint(
                "Value '\(count)' at 'numberOfBytes'", "have value between 1 and 1024, inclusive")
        }
        return Output(plaintext: Blob(try SecureRandom.bytes(count: count)))
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { nil }
}
