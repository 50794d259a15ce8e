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

/// What fakes have in place of RSA_AES_KEY_WRAP: one OAEP after the other, as many as it takes.
extension RSAPublicKey {
    func fakeWrap(_ material: SecretBytes) throws -> [UInt8] {
        try material.withUnsafeBytes { bytes in
            try stride(from: 0, to: bytes.count, by: 128).flatMap { start in
                let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 128, bytes.count)])
                return try encryptOAEP(try SecretBytes(copying: part), hash: .sha256)
            }
        }
    }
}

extension RSAPrivateKey {
    func fakeUnwrap(_ blob: [UInt8]) throws -> SecretBytes {
        let parts = try stride(from: 0, to: blob.count, by: 256).flatMap { start in
            try decryptOAEP(Array(blob[start..<min(start + 256, blob.count)]), hash: .sha256)
                .withUnsafeBytes(Array.init)
        }
        return try parts.withUnsafeBytes { try SecretBytes(copying: $0) }
    }
}
