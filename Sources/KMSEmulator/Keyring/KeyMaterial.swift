import CryptoPrimitives
import Foundation

/// One key material of a KMS key: present, or to be imported again.
struct KeyMaterial: Sendable {
    /// Where it stands in its key's history.
    enum Stage: Sendable {
        /// Imported, and free to be deleted or replaced until a rotation makes it current.
        case pendingRotation
        /// Encrypts and decrypts.
        case current
        /// Decrypts.
        case nonCurrent
    }

    /// 64 lowercase hex digits.
    let id: String
    /// The 32 bytes; nil after they expired.
    var secret: SecretBytes?
    var description: String?
    /// When `secret` is forgotten; nil if never.
    var validTo: Date?
    var stage: Stage
    /// When a rotation made it current; nil of the first and of a pending one.
    var rotationDate: Date?

    /// Permanently associated: once current, the key is unusable without it for ever after.
    var isPermanent: Bool { stage != .pendingRotation }

    /// The id of `secret` within one KMS key: the same material has another id in another key, and the id tells nothing
    /// of the material (docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html, KeyMaterialId).
    static func id(of secret: SecretBytes, in keyID: String) throws -> String {
        let code = try HMACSHA256.authenticate("keyrite emulator key material\n\(keyID)".utf8, key: secret)
        return code.withUnsafeBytes { Hex.encode($0) }
    }
}
