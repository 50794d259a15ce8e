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
    /// With the key, without what was encrypted with it.
    case use
    /// Undoes what keeps it from use.
    case enable
    case revoke

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
        case .use:
            [
                "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair",
                "kms:GenerateDataKeyPairWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo",
            ]
        case .enable:
            ["kms:EnableKey", "kms:CancelKeyDeletion", "kms:EnableKeyRotation", "kms:DisableKeyRotation"]
        case .revoke: ["kms:RevokeGrant", "kms:RetireGrant"]
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
        case .use: "encrypt or make data keys"
        case .enable: "enable the key, cancel its deletion or switch its rotation"
        case .revoke: "end grants"
        }
    }

    /// What KMS takes from other accounts than the key's, too; all else it refuses them, whatever a policy says.
    ///
    /// docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html, "Cross-account use"
    private static let ofOtherAccounts: Set = [
        "kms:CreateGrant", "kms:Decrypt", "kms:DeriveSharedSecret", "kms:Encrypt", "kms:GenerateDataKey",
        "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext",
        "kms:GenerateMac", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:RetireGrant", "kms:RevokeGrant", "kms:Sign",
    ]

    /// Whether KMS takes an action from somebody.
    ///
    /// - Parameter account: The key's own.
    static func isTaken(_ action: String, from subject: PolicySubject, account: String) -> Bool {
        switch subject {
        // Whoever of the own account is asked about by themselves.
        case .anyone: ofOtherAccounts.contains(action)
        case .account, .named, .like: subject.account == account || ofOtherAccounts.contains(action)
        // Of whose account nothing is known.
        case .service, .outsider, .unknown: true
        }
    }
}
