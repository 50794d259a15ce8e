/// What somebody can do to a key that matters: to what is in it, to who may use it, or with it.
package enum KeyPower: String, CaseIterable, Sendable {
    case fetch
    case `import`
    case rotate
    case aliases
    case delete
    case disable
    /// Changes who may do all of this.
    case policy
    case grants
    case decrypt
    /// And computes codes and shared secrets.
    case sign
    /// By tags a key that is new is known to the roles.
    case tags
    case replicate

    /// KMS's actions that come to it.
    package var actions: [String] {
        switch self {
        case .fetch: ["kms:GetParametersForImport"]
        case .import: ["kms:ImportKeyMaterial"]
        case .rotate: ["kms:RotateKeyOnDemand"]
        case .aliases: ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"]
        case .delete: ["kms:ScheduleKeyDeletion", "kms:DeleteImportedKeyMaterial"]
        case .disable: ["kms:DisableKey"]
        case .policy: ["kms:PutKeyPolicy"]
        case .grants: ["kms:CreateGrant"]
        case .decrypt: ["kms:Decrypt", "kms:ReEncryptFrom"]
        case .sign: ["kms:Sign", "kms:GenerateMac", "kms:DeriveSharedSecret"]
        case .tags: ["kms:TagResource", "kms:UntagResource"]
        case .replicate: ["kms:ReplicateKey", "kms:UpdatePrimaryRegion"]
        }
    }

    /// In words, after "can".
    package var words: String {
        switch self {
        case .fetch: "fetch wrapping keys"
        case .import: "import material"
        case .rotate: "rotate"
        case .aliases: "make, move or delete aliases"
        case .delete: "delete the key or its material"
        case .disable: "disable the key"
        case .policy: "change the policy"
        case .grants: "create grants"
        case .decrypt: "decrypt"
        case .sign: "sign or compute codes"
        case .tags: "change tags"
        case .replicate: "make or promote replicas"
        }
    }
}
