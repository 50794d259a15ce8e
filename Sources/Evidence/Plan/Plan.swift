package import CryptoPrimitives

/// What was frozen before the ceremony and what the quorum authorizes: `plan.json`.
///
/// Every string in it is printable ASCII; free text is percent-encoded.
package struct Plan: Codable, Hashable, Sendable {
    /// The format of the file; a plan with another one is refused.
    package static let currentSchema = "keyrite.plan/1"
    /// The file in the ceremony folder.
    package static let path = "plan.json"

    package let schema: String
    package let mode: Mode
    /// The ceremony's id: its UTC date and eight hex digits.
    package let ceremony: String
    /// 32 random bytes in hex, which every commitment and statement is bound to.
    package let nonce: String
    /// What the ceremony is for, percent-encoded.
    package let title: String
    package let created: Timestamp
    /// When the ceremony may be held.
    package let window: Validity
    /// The SHA-256 of `roster.json`.
    package let roster: SHA256Digest
    package let environment: CeremonyEnvironment
    package let wrapping: Wrapping
    /// What the HSM's keys must be, and are read back against.
    package let template: [AttributeSetting]
    package let retention: Retention
    package let slots: [PlanSlot]

    package init(
        mode: Mode, ceremony: String, nonce: String, title: String, created: Timestamp, window: Validity,
        roster: SHA256Digest, environment: CeremonyEnvironment, wrapping: Wrapping, template: [AttributeSetting],
        retention: Retention, slots: [PlanSlot]
    ) {
        schema = Self.currentSchema
        self.mode = mode
        self.ceremony = ceremony
        self.nonce = nonce
        self.title = title
        self.created = created
        self.window = window
        self.roster = roster
        self.environment = environment
        self.wrapping = wrapping
        self.template = template
        self.retention = retention
        self.slots = slots
    }

    package func slot(named name: String) -> PlanSlot? {
        slots.first { $0.slot == name }
    }
}

/// A span of time, both ends included.
package struct Validity: Codable, Hashable, Sendable {
    package let from: Timestamp
    package let until: Timestamp

    package init(from: Timestamp, until: Timestamp) {
        self.from = from
        self.until = until
    }

    package func contains(_ time: Timestamp) -> Bool {
        from <= time && time <= until
    }
}

/// How material is wrapped. There is one algorithm; the field says so to whoever reads the evidence.
package struct Wrapping: Codable, Hashable, Sendable {
    package static let algorithm = "RSAES_OAEP_SHA_256"

    package let algorithm: String
    /// KMS's name of the wrapping key's size: `RSA_2048`, `RSA_3072` or `RSA_4096`.
    package let keySpec: String

    package init(keySpec: String) {
        algorithm = Self.algorithm
        self.keySpec = keySpec
    }

    /// The modulus size in bits, or nil for a name that KMS does not have.
    package var modulusBits: Int? {
        ["RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096][keySpec]
    }
}

/// One attribute of an HSM key, by its PKCS#11 name, as the plan demands it or the token answered.
package struct AttributeSetting: Codable, Hashable, Sendable {
    /// The name in PKCS#11, e.g. `CKA_SENSITIVE`.
    package let name: String
    /// `true`, `false`, a decimal number, a name such as `CKO_SECRET_KEY`; or, as a token's answer, `unavailable`,
    /// `sensitive`, `exposed` (it would have shown key material) or `malformed`.
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What happens to the HSM's key once the ceremony is over.
package enum Retention: String, Codable, Sendable {
    /// It stays, ready to be imported again: the only way back from an expiry or a deletion.
    case retain
}

/// How one key of the plan is made or moved.
package enum Strategy: String, Codable, Sendable {
    /// New material into the same key, then RotateKeyOnDemand.
    case rotate
}

/// One key that the ceremony makes or moves, as KMS had it when the plan was frozen.
package struct PlanSlot: Codable, Hashable, Sendable {
    /// The slot's name, unique in the plan: the alias without `alias/`.
    package let slot: String
    package let strategy: Strategy
    /// The KMS key's ARN.
    package let key: String
    /// The alias, with `alias/`, that resolved to the key.
    package let alias: String
    /// `CKA_LABEL` of the HSM key.
    package let label: String
    /// `CKA_ID` of the HSM key, 16 bytes in hex.
    package let id: String
    /// The description that KMS is to keep with the material.
    package let description: String
    /// The material that is current before the ceremony.
    package let currentMaterial: String
    /// On-demand rotations spent of the 25 that a key has.
    package let rotationsUsed: Int
    /// The SHA-256 of the key policy's text.
    package let policy: SHA256Digest
    /// Whether the material is wrapped a second time and imported again to prove that KMS holds this very key.
    package let proof: Bool
    package let probe: Probe

    package init(
        slot: String, strategy: Strategy, key: String, alias: String, label: String, id: String, description: String,
        currentMaterial: String, rotationsUsed: Int, policy: SHA256Digest, proof: Bool, probe: Probe
    ) {
        self.slot = slot
        self.strategy = strategy
        self.key = key
        self.alias = alias
        self.label = label
        self.id = id
        self.description = description
        self.currentMaterial = currentMaterial
        self.rotationsUsed = rotationsUsed
        self.policy = policy
        self.proof = proof
        self.probe = probe
    }
}

/// A ciphertext made before the ceremony, which must still decrypt after it.
package struct Probe: Codable, Hashable, Sendable {
    /// KMS's ciphertext in base64.
    package let ciphertext: String
    /// The SHA-256 of the random plaintext, which means nothing to anybody.
    package let plaintext: SHA256Digest

    package init(ciphertext: String, plaintext: SHA256Digest) {
        self.ciphertext = ciphertext
        self.plaintext = plaintext
    }
}
