import CryptoPrimitives
import Foundation

/// The emulator's ciphertext: it names its key and material, so that Decrypt needs no KeyId.
///
/// `version ‖ key id (16) ‖ material id (32) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag`; the header and the
/// encryption context are its additional authenticated data. Version 1 is of single-Region keys, 4 of multi-Region
/// ones, which open in every Region of the key. AWS does not document the form of its own.
struct CiphertextBlob {
    private static let versions: [UInt8: String] = [1: "", 4: "mrk-"]
    private static let headerSize = 1 + 16 + 32

    let keyID: String
    let materialID: String
    private let header: [UInt8]
    private let nonce: [UInt8]
    private let sealed: [UInt8]

    var bytes: [UInt8] { header + nonce + sealed }

    /// - Throws: InvalidCiphertextException for bytes that have not this form.
    init(parsing bytes: [UInt8]) throws {
        guard bytes.count >= Self.headerSize + 12 + 16, let prefix = Self.versions[bytes[0]] else {
            throw KMSFault.invalidCiphertext
        }
        keyID = prefix + Self.text(bytes[1..<17], grouped: prefix.isEmpty)
        materialID = Hex.encode(bytes[17..<49])
        header = Array(bytes[..<Self.headerSize])
        nonce = Array(bytes[Self.headerSize..<Self.headerSize + 12])
        sealed = Array(bytes[(Self.headerSize + 12)...])
    }

    /// Encrypts under one material of a key.
    init(
        sealing plaintext: [UInt8], context: EncryptionContext, keyID: String, materialID: String, secret: SecretBytes
    ) throws {
        let prefix = keyID.hasPrefix("mrk-") ? "mrk-" : ""
        guard let version = Self.versions.first(where: { $0.value == prefix })?.key,
            let id = Hex.decode(String(keyID.dropFirst(prefix.count)).replacing("-", with: "")),
            let material = Hex.decode(materialID)
        else { throw KMSFault.internal }
        self.keyID = keyID
        self.materialID = materialID
        header = [version] + id + material
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

    /// 16 bytes as hex, in a UUID's groups or in none.
    private static func text(_ bytes: ArraySlice<UInt8>, grouped: Bool) -> String {
        let digits = Hex.encode(bytes)
        guard grouped else { return digits }
        let cuts = [0, 8, 12, 16, 20, 32]
        return zip(cuts, cuts.dropFirst()).map { from, to in
            String(decoding: Array(digits.utf8)[from..<to], as: UTF8.self)
        }.joined(separator: "-")
    }
}
