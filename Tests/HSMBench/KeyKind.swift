import CryptoPrimitives
import PKCS11

/// A kind of keys, made and wrapped as a ceremony does it, as session objects.
enum KeyKind: String {
    case aes, hmac, rsa, p256

    /// Makes and wraps a key for each number, in one turn of the session.
    ///
    /// - Returns: The last blob.
    func makeAndWrap(
        _ numbers: Range<Int>, under publicKey: RSAPublicKey, on session: isolated Session
    ) throws -> [UInt8] {
        var blob: [UInt8] = []
        for number in numbers { blob = try makeAndWrap(number, under: publicKey, on: session) }
        return blob
    }

    /// Makes a key and wraps it to a wrapping key of its own; nothing of it stays.
    func makeAndWrap(_ number: Int, under publicKey: RSAPublicKey, on session: isolated Session) throws -> [UInt8] {
        let id = withUnsafeBytes(of: number) { Array($0) }
        let key = try make(id, on: session)
        let wrappingKey = try session.createWrappingKey(publicKey, label: "wrapping key", id: id)
        let blob =
            switch self {
            case .aes, .hmac: try session.wrap(key, under: wrappingKey)
            case .rsa, .p256: try session.wrapRSAAES(key, under: wrappingKey)
            }
        try session.destroy(wrappingKey)
        try session.destroy(key)
        return blob
    }

    private func make(_ id: [UInt8], on session: isolated Session) throws -> Object {
        switch self {
        case .aes:
            return try session.generateAES256(KeyTemplates.aes256(label: "key", id: id, onToken: false))
        case .hmac:
            let template = KeyTemplates.genericSecret(label: "key", id: id, onToken: false)
            return try session.generateSecret(count: 32, template)
        case .rsa, .p256:
            let publicTemplate = KeyTemplates.publicKey(label: "key", id: id, onToken: false)
            let privateTemplate = KeyTemplates.privateKey(label: "key", id: id, onToken: false)
            let pair =
                self == .rsa
                ? try session.generateRSA(bits: 2048, publicTemplate: publicTemplate, privateTemplate: privateTemplate)
                : try session.generateP256(publicTemplate: publicTemplate, privateTemplate: privateTemplate)
            try session.destroy(pair.publicKey)
            return pair.privateKey
        }
    }
}
