import CryptoPrimitives
import Foundation

/// One key material of a KMS key: present, or to be imported again.
struct KeyMaterial: Sendable {
    /// Where it stands in its key's history.
    enum Stage: String, Codable, Sendable {
        /// Imported, and free to be deleted or replaced until a rotation makes it current.
        case pendingRotation
        /// Encrypts and decrypts.
        case current
        /// Decrypts.
        case nonCurrent
    }

    /// 64 lowercase hex digits.
    let id: String
    /// The bytes of a secret key, or PKCS#8 of a private one; nil after they expired or were deleted.
    var secret: SecretBytes?
    var description: String?
    /// When `secret` is forgotten; nil if never.
    var validTo: Date?
    var stage: Stage
    /// When a rotation made it current; nil of the first and of a pending one.
    var rotationDate: Date?

    /// Permanently associated: once current, the key is unusable without it for ever after.
    var isPermanent: Bool { stage != .pendingRotation }

    /// The id of `secret` within one KMS key and its replicas: the same material has another id in another key, and the
    /// id tells nothing of the material
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html, KeyMaterialId).
    static func id(of secret: SecretBytes, in keyID: String) throws -> String {
        let code = try HMACSHA256.authenticate("keyrite emulator key material\n\(keyID)".utf8, key: secret)
        return code.withUnsafeBytes { Hex.encode($0) }
    }

    mutating func forget() {
        secret = nil
        validTo = nil
    }
}

/// For the state file alone, which holds key material in the open.
extension KeyMaterial: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, secret, description, validTo, stage, rotationDate
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        id = try members.decode(String.self, forKey: .id)
        secret = try members.decodeIfPresent(StoredSecret.self, forKey: .secret)?.bytes
        description = try members.decodeIfPresent(String.self, forKey: .description)
        validTo = try members.decodeIfPresent(Date.self, forKey: .validTo)
        stage = try members.decode(Stage.self, forKey: .stage)
        rotationDate = try members.decodeIfPresent(Date.self, forKey: .rotationDate)
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(id, forKey: .id)
        try members.encodeIfPresent(secret.map(StoredSecret.init), forKey: .secret)
        try members.encodeIfPresent(description, forKey: .description)
        try members.encodeIfPresent(validTo, forKey: .validTo)
        try members.encode(stage, forKey: .stage)
        try members.encodeIfPresent(rotationDate, forKey: .rotationDate)
    }
}
