import AWS
import CryptoPrimitives

/// A new data key, as both data key calls make it.
struct DataKey {
    let plaintext: [UInt8]
    let encrypted: Cipher.Encrypted

    /// - Parameters:
    ///   - spec: Excludes `byteCount`; one of them must be.
    ///   - operation: AWS's name of the call.
    /// - Throws: The refusals AWS has for such a call.
    init(
        under key: ManagedKey, context: [String: String]?, spec: DataKeySpec?, byteCount: Int?, for operation: String
    ) throws {
        let count = try Self.count(spec: spec, byteCount: byteCount)
        let cipher = try Cipher(key, algorithm: .symmetricDefault, context: context, for: operation)
        plaintext = try SecureRandom.bytes(count: count)
        encrypted = try cipher.encrypt(plaintext, context: context)
    }

    private static func count(spec: DataKeySpec?, byteCount: Int?) throws -> Int {
        switch (spec, byteCount) {
        case (.aes256?, nil): return 32
        case (.aes128?, nil): return 16
        case (nil, let byteCount?):
            guard (1...1024).contains(byteCount) else {
                throw KMSFault.constraint(
                    "Value '\(byteCount)' at 'numberOfBytes'", "have value between 1 and 1024, inclusive")
            }
            return byteCount
        case (let spec?, nil):
            throw KMSFault.constraint(
                "Value '\(spec)' at 'keySpec'", "satisfy enum value set: [AES_256, AES_128]")
        default:
            throw KMSFault.validation("Please specify either number of bytes or key spec.")
        }
    }
}
