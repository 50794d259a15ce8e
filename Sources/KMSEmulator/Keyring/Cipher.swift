import AWS
import CryptoPrimitives

/// What Encrypt, Decrypt, ReEncrypt and the data key calls have in common.
struct Cipher {
    /// What came of encrypting.
    struct Encrypted {
        let blob: Blob
        let algorithm: EncryptionAlgorithm
        /// Of symmetric keys only.
        let materialID: String?
    }

    /// What came of decrypting.
    struct Decrypted {
        let plaintext: [UInt8]
        let algorithm: EncryptionAlgorithm
        /// Of symmetric keys only.
        let materialID: String?
    }

    let key: ManagedKey
    let algorithm: EncryptionAlgorithm

    /// - Parameters:
    ///   - algorithm: As asked; symmetric if not.
    ///   - operation: AWS's name of what is done, for refusals.
    /// - Throws: The refusals AWS has for a key that cannot do it, now or ever.
    init(
        _ key: ManagedKey, algorithm: EncryptionAlgorithm?, context: [String: String]?, for operation: String
    ) throws {
        try key.requireEnabled()
        try key.require(.encryptDecrypt, for: operation)
        let algorithm = algorithm ?? .symmetricDefault
        try key.require(algorithm, among: key.type.encryptionAlgorithms(for: key.usage))
        guard algorithm == .symmetricDefault || context?.isEmpty != false else {
            throw KMSFault.validation("EncryptionContext is not supported with asymmetric keys.")
        }
        self.key = key
        self.algorithm = algorithm
    }

    /// - Throws: ValidationException for more than the key's algorithm has room for.
    func encrypt(_ plaintext: [UInt8], context: [String: String]?) throws -> Encrypted {
        guard let material = key.current, let secret = material.secret else { throw KMSFault.internal }
        guard let hash = oaepHash else {
            let blob = try CiphertextBlob(
                sealing: plaintext, context: EncryptionContext(context), keyID: key.id, materialID: material.id,
                secret: secret)
            return Encrypted(blob: Blob(blob.bytes), algorithm: algorithm, materialID: material.id)
        }
        let publicKey = try RSAPublicKey(spki: PrivateKey(pkcs8: secret, isChecked: true).spki)
        let room = publicKey.bits / 8 - 2 * (hash == .sha1 ? 20 : 32) - 2
        guard plaintext.count <= room else {
            throw KMSFault.validation(
                "Algorithm \(algorithm) and key spec \(key.spec) cannot encrypt data larger than \(room) bytes.")
        }
        let secretText = try plaintext.withUnsafeBytes { try SecretBytes(copying: $0) }
        return Encrypted(
            blob: Blob(try publicKey.encryptOAEP(secretText, hash: hash)), algorithm: algorithm, materialID: nil)
    }

    /// - Throws: InvalidCiphertextException for what was not encrypted so under this key.
    func decrypt(_ ciphertext: Blob, context: [String: String]?) throws -> Decrypted {
        guard let hash = oaepHash else {
            let blob = try CiphertextBlob(parsing: ciphertext.bytes)
            guard let material = key.material(blob.materialID), material.isPermanent, let secret = material.secret
            else { throw KMSFault.invalidCiphertext }
            let plaintext = try blob.open(context: EncryptionContext(context), secret: secret)
            return Decrypted(plaintext: plaintext, algorithm: algorithm, materialID: material.id)
        }
        guard let secret = key.current?.secret else { throw KMSFault.internal }
        guard let plaintext = try? PrivateKey(pkcs8: secret, isChecked: true).decryptOAEP(ciphertext.bytes, hash: hash)
        else {
            throw KMSFault.invalidCiphertext
        }
        return Decrypted(plaintext: plaintext.withUnsafeBytes { Array($0) }, algorithm: algorithm, materialID: nil)
    }

    /// Nil of the symmetric algorithm.
    private var oaepHash: OAEPHash? {
        switch algorithm {
        case .rsaesOAEPSHA1: .sha1
        case .rsaesOAEPSHA256: .sha256
        default: nil
        }
    }
}

extension Keyring {
    /// The key that a ciphertext is to be decrypted with.
    ///
    /// - Parameters:
    ///   - identifier: As the caller wrote it; symmetric ciphertext names its key itself.
    ///   - ciphertext: Nil where a dry run leaves it out.
    /// - Throws: The refusals AWS has for a ciphertext whose key is not there or not the one that was named.
    func decryptingKey(
        _ identifier: String?, _ ciphertext: Blob?, algorithm: EncryptionAlgorithm?, in region: String
    ) throws -> ManagedKey {
        let named = try identifier.map { try key($0, in: region) }
        let isSymmetric = algorithm ?? .symmetricDefault == .symmetricDefault && named?.type ?? .symmetric == .symmetric
        guard isSymmetric, let ciphertext else {
            guard let named else {
                throw KMSFault.validation("A KeyId is required of asymmetric keys, and without a ciphertext.")
            }
            return named
        }
        let blob = try CiphertextBlob(parsing: ciphertext.bytes)
        guard let key = try? key(blob.keyID, in: region) else {
            throw KMSFault(
                "AccessDeniedException",
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, "
                    + "or you are not allowed to access.")
        }
        guard named == nil || named?.id == key.id else {
            throw KMSFault(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.")
        }
        return key
    }
}
