import AWS
import Foundation

/// A KMS key in one Region; related multi-Region keys are one of these each.
struct ManagedKey: Codable, Sendable {
    /// A key makes 25 on-demand rotations and never one more
    /// (docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html).
    static let rotationLimit = 25

    /// The UUID in lowercase; of multi-Region keys, `mrk-` and 32 hex digits, the same in every Region.
    let id: String
    let arn: String
    let account: String
    let region: String
    /// Where the primary is; nil of a single-Region key.
    let primaryRegion: String?
    let created: Date
    let spec: KeySpec
    let usage: KeyUsage
    let origin: KeyOrigin
    var description: String
    /// The policy document, byte for byte as it was given.
    var policy: String
    var tags: [Tag]
    /// Oldest first.
    var grants: [Grant] = []
    /// Oldest first; a pending one last.
    var materials: [KeyMaterial] = []
    var isDisabled = false
    var deletion: Deletion?

    /// A deletion that was scheduled.
    struct Deletion: Codable, Hashable, Sendable {
        /// Days.
        let window: Int
        /// Nil of a primary that waits for its replicas.
        var date: Date?
    }

    /// CreateKey lets no spec in that has none.
    var type: KeyType { KeyType(spec) ?? .symmetric }
    var isReplica: Bool { primaryRegion != nil && primaryRegion != region }
    var isPrimary: Bool { primaryRegion == region }

    var pending: KeyMaterial? { materials.last { !$0.isPermanent } }
    var current: KeyMaterial? { materials.last { $0.stage == .current } }
    var rotationsUsed: Int { materials.count { $0.rotationDate != nil } }

    /// Whether a permanently associated material is missing, or the first one has not come yet
    /// (docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html).
    var lacksMaterial: Bool {
        let permanent = materials.filter(\.isPermanent)
        return permanent.isEmpty || permanent.contains { $0.secret == nil }
    }

    var state: KeyState {
        if let deletion { return deletion.date == nil ? .pendingReplicaDeletion : .pendingDeletion }
        if lacksMaterial { return .pendingImport }
        return isDisabled ? .disabled : .enabled
    }

    func material(_ id: String) -> KeyMaterial? { materials.first { $0.id == id } }

    /// Whether this key has the pending material that its primary has.
    var hasPendingImported: Bool { pending?.secret != nil }

    /// When the passing of time next changes this key.
    var nextDeadline: Date? { ([deletion?.date] + materials.map(\.validTo)).compactMap(\.self).min() }
}

extension ManagedKey {
    /// - Throws: The refusal of cryptographic operations in any state but Enabled
    ///   (docs.aws.amazon.com/kms/latest/developerguide/key-state.html).
    func requireEnabled() throws {
        switch state {
        case .enabled: return
        case .disabled: throw KMSFault("DisabledException", "\(arn) is disabled.")
        case .pendingImport: throw KMSFault.invalidState("\(arn) is pending import.")
        default: throw KMSFault.invalidState("\(arn) is pending deletion.")
        }
    }

    /// - Throws: KMSInvalidStateException of a key whose deletion is scheduled.
    func requireNotPendingDeletion() throws {
        guard deletion == nil else { throw KMSFault.invalidState("\(arn) is pending deletion.") }
    }

    /// - Throws: KMSInvalidStateException of a key without its material.
    func requireImported() throws {
        guard !lacksMaterial else { throw KMSFault.invalidState("\(arn) is pending import.") }
    }

    /// - Throws: UnsupportedOperationException unless material is imported into this key.
    func requireExternal() throws {
        guard origin == .external else {
            throw KMSFault.unsupported("\(arn) origin is \(origin) which is not valid for this operation.")
        }
    }

    /// - Throws: UnsupportedOperationException unless this is a symmetric encryption key: no other has rotations.
    func requireRotatable() throws {
        guard type == .symmetric else {
            throw KMSFault.unsupported("\(arn) key spec is \(spec) which is not valid for this operation.")
        }
    }

    /// - Throws: InvalidKeyUsageException unless the key is for `usage`.
    func require(_ usage: KeyUsage, for operation: String) throws {
        guard self.usage == usage else {
            throw KMSFault.invalidKeyUsage("\(arn) key usage is \(self.usage) which is not valid for \(operation).")
        }
    }

    /// - Throws: InvalidKeyUsageException unless `algorithm` is one of the key's.
    func require<Algorithm: Equatable>(_ algorithm: Algorithm, among algorithms: [Algorithm]?) throws {
        guard algorithms?.contains(algorithm) == true else {
            throw KMSFault.invalidKeyUsage("Algorithm \(algorithm) is incompatible with key spec \(spec).")
        }
    }

    /// - Throws: InvalidGrantTokenException for a token that no grant of this key gave.
    func require(grantTokens: [String]?) throws {
        guard let grantTokens, !grantTokens.isEmpty else { return }
        let known = Set(grants.flatMap(\.tokens))
        guard grantTokens.allSatisfy(known.contains) else { throw KMSFault("InvalidGrantTokenException") }
    }
}

extension ExpirationModel {
    /// - Parameter validTo: When the material expires; nil if never.
    init(validTo: Date?) {
        self = validTo == nil ? .keyMaterialDoesNotExpire : .keyMaterialExpires
    }
}
