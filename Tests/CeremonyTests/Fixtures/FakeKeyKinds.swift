import CryptoPrimitives
import Evidence

/// What fakes do with kinds of key that are no symmetric encryption keys.
extension KeySpec {
    func fakeCode(of message: [UInt8], key: SecretBytes) throws -> [UInt8] {
        let hashes: [KeySpec: SHA2] = [.hmac224: .sha224, .hmac256: .sha256, .hmac384: .sha384, .hmac512: .sha512]
        guard let hash = hashes[self] else { throw Unprepared(call: "a code with \(rawValue)") }
        return try hash.authenticate(message, key: key).withUnsafeBytes(Array.init)
    }
}
