package import CryptoPrimitives

/// What a statement is about, whole, by gate.
package enum Subject: Hashable, Sendable {
    case authorize(AuthorizeSubject)
    case release(ReleaseSubject)
    case activate(ActivateSubject)
    case close(CloseSubject)

    package var gate: Gate {
        switch self {
        case .authorize: .authorize
        case .release: .release
        case .activate: .activate
        case .close: .close
        }
    }
}

extension Subject: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
        init(_ gate: Gate) { stringValue = gate.rawValue }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard container.allKeys.count == 1,
            let gate = container.allKeys.first.flatMap({ Gate(rawValue: $0.stringValue) })
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a subject has one key, its gate"))
        }
        switch gate {
        case .authorize: self = .authorize(try container.decode(AuthorizeSubject.self, forKey: Key(gate)))
        case .release: self = .release(try container.decode(ReleaseSubject.self, forKey: Key(gate)))
        case .activate: self = .activate(try container.decode(ActivateSubject.self, forKey: Key(gate)))
        case .close: self = .close(try container.decode(CloseSubject.self, forKey: Key(gate)))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .authorize(let subject): try container.encode(subject, forKey: Key(.authorize))
        case .release(let subject): try container.encode(subject, forKey: Key(.release))
        case .activate(let subject): try container.encode(subject, forKey: Key(.activate))
        case .close(let subject): try container.encode(subject, forKey: Key(.close))
        }
    }
}

/// *authorize*: the plan's keys, account, Region, strategies and policies.
package struct AuthorizeSubject: Codable, Hashable, Sendable {
    package let title: String
    /// What the plan asks of the quorum beyond the roster.
    package let policy: QuorumPolicy
    package let aws: AWSEnvironment
    package let token: TokenIdentity
    /// The hosts, where the ceremony is held across an air gap.
    package let gap: AirGap?
    /// Absent where material is deleted, and nothing wrapped.
    package let wrapping: Wrapping?
    package let profiles: [KeyProfile]
    package let slots: [PlanSlot]
    /// In what the new keys will be otherwise than those that they replace.
    package let differences: [Difference]

    /// What a plan asks people to authorize; there is nothing in it that the plan does not say.
    package init(of plan: Plan) {
        title = plan.title
        policy = plan.policy
        aws = plan.environment.aws
        token = plan.environment.token
        gap = plan.gap
        wrapping = plan.isRevocation ? nil : plan.wrapping
        profiles = plan.profiles
        slots = plan.slots
        differences = plan.differences
    }
}

/// *release*: which material goes to which wrapping key.
package struct ReleaseSubject: Codable, Hashable, Sendable {
    package let keySpec: String
    /// Who imports.
    package let caller: String
    /// Who activates, where the plan folds *activate* into this gate and keeps the two apart.
    package let activator: String?
    package let endpoint: String
    /// The HSM token's serial number.
    package let token: String
    /// When the first of the import tokens that this release is about expires.
    package let deadline: Timestamp
    /// What the examination before the first key warned of.
    package let warnings: [RecordedFinding]
    package let differences: [Difference]
    package let slots: [ReleaseSlot]
    /// Of every key, where the plan folds *activate* into this gate; absent elsewhere.
    package let activations: [FoldedActivation]?

    package init(
        keySpec: String, caller: String, activator: String? = nil, endpoint: String, token: String, deadline: Timestamp,
        warnings: [RecordedFinding], differences: [Difference], slots: [ReleaseSlot],
        activations: [FoldedActivation]? = nil
    ) {
        self.warnings = warnings
        self.keySpec = keySpec
        self.caller = caller
        self.activator = activator
        self.endpoint = endpoint
        self.token = token
        self.deadline = deadline
        self.differences = differences
        self.slots = slots
        self.activations = activations
    }
}

/// One slot of a release.
package struct ReleaseSlot: Codable, Hashable, Sendable {
    package let slot: String
    /// The ARN of the key that the material is for: of a key that the ceremony made, too.
    package let key: String
    package let algorithm: WrappingAlgorithm
    package let commitment: String
    /// Whether the import is held back by *activate*, or this release is the last gate before it.
    package let takesEffect: TakesEffect
    /// `never`, or when the imported material is to expire.
    package let expiry: String
    /// Which material is imported again, and what there is of it; absent of new material.
    package let reimported: ReimportedMaterial?
    /// The HSM key that it comes from, as the token shows it; absent of new material.
    package let hsmKey: ReleasedHSMKey?
    /// The number of the line that intended to import it again before, when nobody knows whether KMS was asked then; absent of new
    /// material.
    package let intendedBefore: Int?
    /// Absent where the material was imported under an earlier release.
    package let `import`: WrappingTarget?
    /// Absent where the plan asks for no proof, or has it already.
    package let proof: WrappingTarget?

    package init(
        slot: String, key: String, algorithm: WrappingAlgorithm, commitment: String, takesEffect: TakesEffect,
        expiry: String, reimported: ReimportedMaterial? = nil, hsmKey: ReleasedHSMKey? = nil,
        intendedBefore: Int? = nil,
        import target: WrappingTarget?, proof: WrappingTarget?
    ) {
        self.slot = slot
        self.key = key
        self.algorithm = algorithm
        self.commitment = commitment
        self.takesEffect = takesEffect
        self.expiry = expiry
        self.reimported = reimported
        self.hsmKey = hsmKey
        self.intendedBefore = intendedBefore
        self.import = target
        self.proof = proof
    }

    package func target(for purpose: Purpose) -> WrappingTarget? {
        switch purpose {
        case .import: self.import
        case .proof: proof
        }
    }
}

/// A key that an earlier ceremony left in the HSM.
package struct ReleasedHSMKey: Codable, Hashable, Sendable {
    /// `CKA_LABEL`.
    package let label: String
    /// `CKA_ID`, in hex.
    package let id: String
    /// What it showed when it was taken up: for people to hold to what an earlier ceremony has on record.
    package let checkValues: CheckValues
    /// All that the token answered of it, and in what of that it is no key which the token made; absent of one that the plan has
    /// as made by the token.
    package let attributes: [AttributeSetting]?
    package let differences: [Difference]?

    /// - Parameter generated: What the token showed when the key was taken up.
    /// - Returns: nil where it showed no check values.
    init?(of planned: PlanSlot, as generated: Generated) {
        guard let checkValues = generated.checkValues else { return nil }
        label = planned.label
        id = planned.id
        self.checkValues = checkValues
        attributes = planned.isRestored ? generated.attributes : nil
        differences =
            planned.isRestored
            ? KeyAttributes.differencesOfOrigin(generated.attributes, slot: planned.slot) : nil
    }
}

/// A wrapping key and its token, by their digests.
package struct WrappingTarget: Codable, Hashable, Sendable {
    package let spki: SHA256Digest
    package let token: SHA256Digest

    package init(spki: SHA256Digest, token: SHA256Digest) {
        self.spki = spki
        self.token = token
    }
}

/// Something that the day shows otherwise than the plan had it.
package struct Difference: Codable, Hashable, Sendable {
    package let slot: String
    package let what: String
    package let planned: String
    package let observed: String

    package init(slot: String, what: String, planned: String, observed: String) {
        self.slot = slot
        self.what = what
        self.planned = planned
        self.observed = observed
    }
}

/// *activate*: which material becomes current, and what the aliases resolve to before and after; or which is deleted.
package struct ActivateSubject: Codable, Hashable, Sendable {
    /// Who activates, or deletes, where the plan keeps that apart.
    package let caller: String?
    package let slots: [ActivateSlot]
    /// Of every key, where the plan deletes material; absent elsewhere.
    package let revocations: [Revocation]?

    package init(caller: String? = nil, slots: [ActivateSlot], revocations: [Revocation]? = nil) {
        self.caller = caller
        self.slots = slots
        self.revocations = revocations
    }
}

/// One slot of an activation.
package struct ActivateSlot: Codable, Hashable, Sendable {
    /// In the place of a key's ARN: the alias does not exist.
    package static let noTarget = "none"

    package let slot: String
    /// The ARN of the key that holds the new material.
    package let key: String
    /// Absent, like both targets, where the slot has no alias.
    package let alias: String?
    /// The ARN of the key that the alias resolves to now, or `none`.
    package let aliasTargetBefore: String?
    package let aliasTargetAfter: String?
    /// Absent for the first material of a key.
    package let materialBefore: String?
    package let materialAfter: String
    /// The SHA-256 of the policy's text, of the key that holds the new material.
    package let policy: SHA256Digest
    /// `rotate`: on-demand rotations spent before this one, of the 25 a key has.
    package let rotationsUsed: Int?
    /// What becomes of the HSM key afterwards.
    package let retention: Retention
    /// The SHA-256 of the exhibit that shows a restored backup of a key that is not retained.
    package let backup: SHA256Digest?
    /// The number of the line that intended to change the alias before, when nobody knows whether KMS was asked then.
    package var intendedBefore: Int?

    package init(
        slot: String, key: String, alias: String?, aliasTargetBefore: String?, aliasTargetAfter: String?,
        materialBefore: String?, materialAfter: String, policy: SHA256Digest, rotationsUsed: Int?,
        retention: Retention, backup: SHA256Digest?
    ) {
        self.slot = slot
        self.key = key
        self.alias = alias
        self.aliasTargetBefore = aliasTargetBefore
        self.aliasTargetAfter = aliasTargetAfter
        self.materialBefore = materialBefore
        self.materialAfter = materialAfter
        self.policy = policy
        self.rotationsUsed = rotationsUsed
        self.retention = retention
        self.backup = backup
    }

    /// Whether the activation makes or moves the alias.
    package var changesAlias: Bool { aliasTargetBefore != aliasTargetAfter }
}

/// *close*: everything that is sealed.
package struct CloseSubject: Codable, Hashable, Sendable {
    /// The SHA-256 of the last line before the close.
    package let head: String
    /// The number of lines before the close.
    package let lines: Int
    /// Why the ceremony went no further; absent when it was carried out whole.
    package let aborted: Aborted?
    /// The effect that nobody knows the outcome of, because the ceremony was ended in the middle of it.
    package let unsettled: UnsettledEffect?
    /// Deviations that were recorded, by the digest of their line.
    package let exceptions: [SHA256Digest]
    /// The SHA-256 of `MANIFEST`.
    package let manifest: SHA256Digest

    package init(
        head: String, lines: Int, aborted: Aborted?, unsettled: UnsettledEffect? = nil, exceptions: [SHA256Digest],
        manifest: SHA256Digest
    ) {
        self.head = head
        self.lines = lines
        self.aborted = aborted
        self.unsettled = unsettled
        self.exceptions = exceptions
        self.manifest = manifest
    }
}
