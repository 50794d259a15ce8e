import CryptoPrimitives
import Foundation

/// The emulator's ciphertext: it names its key and material, so that Decrypt needs no KeyId.
///
/// `01 ‖ key id (16) ‖ material id (32) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag`; the header and the encryption
/// context are its additional authenticated data. AWS does not document the form of its own.
struct CiphertextBlob {
    private static let version: UInt8 = 1
    private static let headerSize = 1 + 16 + 32

    let keyID: String
    let materialID: String
    private let header: [UInt8]
    private let nonce: [UInt8]
    private let sealed: [UInt8]

    var bytes: [UInt8] { header + nonce + sealed }

    /// - Throws: InvalidCiphertextException for bytes that have not this form.
    init(parsing bytes: [UInt8]) throws {
        guard bytes.count >= Self.headerSize + 12 + 16, bytes[0] == Self.version else {
            throw KMSFault.invalidCiphertext
        }
        let uuid = Hex.encode(bytes[1..<17])
        let cuts = [0, 8, 12, 16, 20, 32]
        keyID = zip(cuts, cuts.dropFirst()).map { from, to in
            String(decoding: Array(uuid.utf8)[from..<to], as: UTF8.self)
        }.joined(separator: "-")
        materialID = Hex.encode(bytes[17..<49])
        header = Array(bytes[..<Self.headerSize])
        nonce = Array(bytes[Self.headerSize..<Self.headerSize + 12])
        sealed = Array(bytes[(Self.headerSize + 12)...])
    }

    /// Encrypts under one material of a key.
    init(
        sealing plaintext: [UInt8], context: EncryptionContext, keyID: String, materialID: String, secret: SecretBytes
    ) throws {
        guard let uuid = Hex.decode(keyID.replacing("-", with: "")), let material = Hex.decode(materialID) else {
            throw KMSFault.internal
        }
        self.keyID = keyID
        self.materialID = materialID
        header = [Self.version] + uuid + material
        nonce = try SecureRandom.bytes(count: 12)
        sealed = try AES256.sealGCM(plaintext, key: secret, nonce: nonce, additionalData: header + context.encoded)
    }

    /// - Throws: InvalidCiphertextException when a byte or the context is not what was encrypted.
    func open(context: EncryptionContext, secret: SecretBytes) throws -> [UInt8] {
        do {
            return try AES256.openGCM(sealed, key: secret, nonce: nonce, additionalData: header + context.encoded)
        } catch {
            throw KMSFault.invalidCiphertext
        }
    }
}
