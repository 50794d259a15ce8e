import AWS
import CryptoPrimitives

/// A message authentication code, as GenerateMac and VerifyMac compute it.
struct MessageCode {
    let code: SecretBytes

    /// - Parameter operation: AWS's name of the call.
    /// - Throws: The refusals AWS has for such a call.
    init(_ key: ManagedKey, message: Blob, algorithm: MACAlgorithm, for operation: String) throws {
        try key.requireEnabled()
        try key.require(.generateVerifyMAC, for: operation)
        try key.require(algorithm, among: key.type.macAlgorithms)
        guard (1...4096).contains(message.bytes.count) else {
            throw KMSFault.constraint("Value at 'message'", "have length between 1 and 4096, inclusive")
        }
        guard case .hmac(let hash) = key.type, let secret = key.current?.secret else { throw KMSFault.internal }
        code = try hash.authenticate(message.bytes, key: secret)
    }

    func isEqual(to other: Blob) throws -> Bool {
        code.isEqual(to: try other.bytes.withUnsafeBytes { try SecretBytes(copying: $0) })
    }
}
