import AWS
import CryptoPrimitives

/// What Sign and Verify have in common.
struct Signer {
    private let key: PrivateKey
    private let scheme: SignatureScheme
    private let digest: [UInt8]

    /// - Parameters:
    ///   - messageType: RAW if absent.
    ///   - operation: AWS's name of the call.
    /// - Throws: The refusals AWS has for such a call.
    init(
        _ key: ManagedKey, message: Blob, messageType: MessageType?, algorithm: SigningAlgorithm, for operation: String
    ) throws {
        try key.requireEnabled()
        try key.require(.signVerify, for: operation)
        try key.require(algorithm, among: key.type.signingAlgorithms(for: key.usage))
        guard let scheme = SignatureScheme(algorithm), let secret = key.current?.secret else {
            throw KMSFault.internal
        }
        self.scheme = scheme
        self.key = try PrivateKey(pkcs8: secret, isChecked: true)
        guard (1...4096).contains(message.bytes.count) else {
            throw KMSFault.constraint("Value at 'message'", "have length between 1 and 4096, inclusive")
        }
        switch messageType ?? .raw {
        case .raw:
            digest = try scheme.hash.digest(of: message.bytes)
        case .digest:
            guard message.bytes.count == scheme.hash.size else {
                throw KMSFault.validation("Digest is invalid length for algorithm \(algorithm).")
            }
            digest = message.bytes
        case .externalMu:
            throw KMSFault.validation("MessageType EXTERNAL_MU is for algorithm ML_DSA_SHAKE_256.")
        case let other:
            throw KMSFault.constraint(
                "Value '\(other)' at 'messageType'", "satisfy enum value set: [RAW, DIGEST, EXTERNAL_MU]")
        }
    }

    func sign() throws -> [UInt8] { try key.sign(digest: digest, scheme: scheme) }

    func isValid(_ signature: Blob) throws -> Bool {
        try key.isValid(signature.bytes, digest: digest, scheme: scheme)
    }
}

extension SignatureScheme {
    /// Nil of an algorithm that the emulator does not serve.
    init?(_ algorithm: SigningAlgorithm) {
        switch algorithm {
        case .rsassaPSSSHA256: self = .pss(.sha256)
        case .rsassaPSSSHA384: self = .pss(.sha384)
        case .rsassaPSSSHA512: self = .pss(.sha512)
        case .rsassaPKCS1v15SHA256: self = .pkcs1(.sha256)
        case .rsassaPKCS1v15SHA384: self = .pkcs1(.sha384)
        case .rsassaPKCS1v15SHA512: self = .pkcs1(.sha512)
        case .ecdsaSHA256: self = .ecdsa(.sha256)
        case .ecdsaSHA384: self = .ecdsa(.sha384)
        case .ecdsaSHA512: self = .ecdsa(.sha512)
        default: return nil
        }
    }
}
