package import Evidence

/// Which of KMS's actions each role needs at a key: what the planner and the engine call, and nothing more.
extension AccessedKey {
    private var isSymmetric: Bool { kind.map { $0.spec.keepsMaterials } ?? true }

    private func isOf(_ families: [KeyFamily]) -> Bool { kind.map { families.contains($0.spec.family) } ?? true }

    /// Looking without use: what it is, by whom it may be used, which materials it has.
    package var readActions: [String] {
        var actions = ["kms:DescribeKey", "kms:GetKeyPolicy"]
        // What a new key is to be is taken from the old one, and read back.
        if part == .new || part == .old { actions.append("kms:ListResourceTags") }
        if part == .old { actions.append("kms:ListGrants") }
        if isSymmetric, part != .old { actions.append("kms:ListKeyRotations") }
        return actions
    }

    /// By which another kind of key shows its material.
    package var commitmentActions: [String] {
        (isOf([.hmac]) ? ["kms:GenerateMac"] : []) + (isOf([.rsa, .ec]) ? ["kms:GetPublicKey"] : [])
    }

    /// Whether it is tried by encrypting and decrypting.
    package var isTried: Bool { isSymmetric && part != .revoked && part != .again }

    package var isImportedInto: Bool { part != .old && part != .revoked }

    /// With which expiry it may be imported, by KMS's conditions.
    var expiryConditions: [PolicyCondition] {
        switch expiry {
        // Nothing that is kept so has a kms:ValidTo.
        case .never: [PolicyCondition(.stringEquals, "kms:ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")]
        case .at(let time):
            [
                PolicyCondition(.stringEquals, "kms:ExpirationModel", "KEY_MATERIAL_EXPIRES"),
                // In the form that KMS documents for this key. Neither later than planned, nor earlier.
                PolicyCondition(.numericLessThanEquals, "kms:ValidTo", "\(time.epochSeconds).0"),
                PolicyCondition(.numericGreaterThanEquals, "kms:ValidTo", "\(time.epochSeconds).0"),
            ]
        case nil: []
        }
    }

    /// How material for it may be wrapped.
    package var algorithms: [WrappingAlgorithm] {
        kind.map { [$0.spec.algorithm] } ?? WrappingAlgorithm.all
    }

    package var activationActions: [String] {
        switch part {
        case .first: createsAlias ? ["kms:CreateAlias"] : []
        case .rotated: ["kms:RotateKeyOnDemand"]
        case .again: []
        case .revoked: ["kms:DeleteImportedKeyMaterial"]
        // The alias is taken from one and given to the other: either must allow it.
        case .new, .old: ["kms:UpdateAlias"]
        }
    }

    /// What those do with it who use it for their data.
    package var useActions: [String] {
        guard let kind else { return [] }
        switch kind.usage {
        case .encryptDecrypt:
            let both = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
            return kind.spec == .symmetric
                ? both + ["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"] : both + ["kms:GetPublicKey"]
        case .generateVerifyMAC: return ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]
        case .signVerify: return ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]
        case .keyAgreement: return ["kms:DeriveSharedSecret", "kms:DescribeKey", "kms:GetPublicKey"]
        }
    }
}

extension WrappingAlgorithm {
    /// All that Keyrite asks KMS for.
    static let all: [WrappingAlgorithm] = [.oaep, .rsaAES]
}
