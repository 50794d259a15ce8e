package import CryptoPrimitives

/// What was frozen before the ceremony and what the quorum authorizes: `plan.json`.
///
/// Every string in it is printable ASCII; free text is percent-encoded.
package struct Plan: Codable, Hashable, Sendable {
    /// The format of the file as it is written.
    package static let currentSchema = "keyrite.plan/2"
    /// The format before it, which is still read: its transcripts do not say who called.
    private static let firstSchema = "keyrite.plan/1"
    /// The formats that are read; a plan with another one is refused.
    static let schemas = [firstSchema, currentSchema]
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
    /// What is asked of the quorum beyond the roster.
    package let policy: QuorumPolicy
    package let environment: CeremonyEnvironment
    /// The hosts of a ceremony that is held across an air gap; absent for one of one host.
    package let gap: AirGap?
    package let wrapping: Wrapping
    /// How keys are made and wrapped, for each kind that the plan has, in the order of `KeySpec`.
    package let profiles: [KeyProfile]
    package let slots: [PlanSlot]

    package init(
        mode: Mode, ceremony: String, nonce: String, title: String, created: Timestamp, window: Validity,
        roster: SHA256Digest, policy: QuorumPolicy = QuorumPolicy(), environment: CeremonyEnvironment,
        gap: AirGap? = nil, wrapping: Wrapping, profiles: [KeyProfile], slots: [PlanSlot]
    ) {
        schema = Self.currentSchema
        self.mode = mode
        self.ceremony = ceremony
        self.nonce = nonce
        self.title = title
        self.created = created
        self.window = window
        self.roster = roster
        self.policy = policy
        self.environment = environment
        self.gap = gap
        self.wrapping = wrapping
        self.profiles = profiles
        self.slots = slots
    }

    /// Whether its transcript says of each effect on KMS who called.
    package var namesCallers: Bool { schema != Self.firstSchema }

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

/// What KMS is asked for to wrap material under.
package struct Wrapping: Codable, Hashable, Sendable {
    /// KMS's name of the wrapping key's size: `RSA_2048`, `RSA_3072` or `RSA_4096`.
    package let keySpec: String

    package init(keySpec: String) {
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
package enum Retention: String, Codable, Sendable, CaseIterable {
    /// It stays, ready to be imported again: the only way back from an expiry or a deletion.
    case retain
    /// It stays, but can never be wrapped again: not to be imported again, nor for anybody else.
    case lock
    /// It is destroyed.
    case destroy
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
