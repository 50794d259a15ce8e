/// How the keys of one kind are made on the HSM and leave it, as the plan freezes it.
package struct KeyProfile: Codable, Hashable, Sendable {
    package let keySpec: KeySpec
    package let algorithm: WrappingAlgorithm
    package let way: WrappingWay
    /// What the HSM's keys must be, and are read back against.
    package let attributes: [AttributeSetting]

    /// The profile of a kind of key; only the way depends on the HSM.
    package init(of keySpec: KeySpec, way: WrappingWay) {
        self.keySpec = keySpec
        self.way = way
        algorithm = keySpec.algorithm
        attributes = KeyAttributes.template(of: keySpec)
    }
}

/// KMS's name of how material is wrapped. SHA-1 is offered nowhere.
package enum WrappingAlgorithm: String, Codable, Hashable, Sendable {
    /// The material under RSA-OAEP with SHA-256 (RFC 8017, 7.1), no label.
    case oaep = "RSAES_OAEP_SHA_256"
    /// An AES-256 key under RSA-OAEP with SHA-256, and the material, as PKCS#8, under that key with AES-KWP (RFC 5649).
    case rsaAES = "RSA_AES_KEY_WRAP_SHA_256"
}

/// How the HSM makes the blob of a wrapping algorithm; always inside, from material that never leaves it otherwise.
package enum WrappingWay: String, Codable, Hashable, Sendable {
    /// The material itself under the RSA key, CKM_RSA_PKCS_OAEP.
    case direct
    /// By a mechanism of the token's own, CKM_RSA_AES_KEY_WRAP.
    case byToken = "by token"
    /// Of two wraps, CKM_AES_KEY_WRAP_PAD under an ephemeral key of the token and CKM_RSA_PKCS_OAEP of that.
    case composed
}

extension Plan {
    /// The profile of a slot's key.
    package func profile(of slot: PlanSlot) -> KeyProfile? {
        profiles.first { $0.keySpec == slot.keySpec }
    }
}
