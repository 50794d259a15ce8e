import AWS
import Foundation

/// A KMS key: symmetric, single-Region, of origin EXTERNAL.
struct ManagedKey: Sendable {
    /// A key makes 25 on-demand rotations and never one more
    /// (docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html).
    static let rotationLimit = 25

    /// The UUID, in lowercase.
    let id: String
    let arn: String
    let account: String
    let created: Date
    let description: String
    /// The policy document, byte for byte as it was given.
    var policy: String
    var tags: [Tag]
    var grants: [Grant] = []
    /// Oldest first; a pending one last.
    var materials: [KeyMaterial] = []

    var pending: KeyMaterial? { materials.last { !$0.isPermanent } }
    var current: KeyMaterial? { materials.last { $0.stage == .current } }
    var rotationsUsed: Int { materials.count { $0.rotationDate != nil } }

    /// Enabled while every permanently associated material is here
    /// (docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html).
    var state: KeyState {
        let permanent = materials.filter(\.isPermanent)
        return permanent.isEmpty || permanent.contains { $0.secret == nil } ? .pendingImport : .enabled
    }

    func material(_ id: String) -> KeyMaterial? { materials.first { $0.id == id } }

    /// Deletes what has expired: permanent material leaves its entry behind, pending material leaves nothing.
    mutating func forgetExpired(at now: Date) {
        for index in materials.indices.reversed() {
            guard let validTo = materials[index].validTo, validTo <= now else { continue }
            forgetMaterial(at: index)
        }
    }

    /// Permanent material leaves its entry behind, pending material leaves nothing.
    mutating func deleteMaterial(_ id: String) {
        if let index = materials.firstIndex(where: { $0.id == id }) { forgetMaterial(at: index) }
    }

    private mutating func forgetMaterial(at index: Int) {
        if materials[index].isPermanent {
            materials[index].secret = nil
            materials[index].validTo = nil
        } else {
            materials.remove(at: index)
        }
    }

    /// - Throws: KMSInvalidStateException unless the key can encrypt, decrypt and rotate.
    func requireEnabled() throws {
        guard state == .enabled else { throw KMSFault.invalidState("\(arn) is pending import.") }
    }

    /// What CreateKey and DescribeKey tell.
    var metadata: KeyMetadata {
        let imported = materials.filter { $0.isPermanent && $0.secret != nil }
        let earliest = imported.compactMap(\.validTo).min()
        return KeyMetadata(
            awsAccountID: account,
            keyID: id,
            arn: arn,
            creationDate: Timestamp(created),
            enabled: state == .enabled,
            description: description,
            keyUsage: .encryptDecrypt,
            keyState: state,
            validTo: state == .enabled ? earliest.map { Timestamp($0) } : nil,
            origin: .external,
            expirationModel: state == .enabled ? ExpirationModel(validTo: earliest) : nil,
            keyManager: .customer,
            customerMasterKeySpec: .symmetricDefault,
            keySpec: .symmetricDefault,
            encryptionAlgorithms: [.symmetricDefault],
            multiRegion: false,
            currentKeyMaterialID: current?.id)
    }
}

extension ExpirationModel {
    /// - Parameter validTo: When the material expires; nil if never.
    init(validTo: Date?) {
        self = validTo == nil ? .keyMaterialDoesNotExpire : .keyMaterialExpires
    }
}
