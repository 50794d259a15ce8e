package import CryptoPrimitives

/// `run` took the lock and looked at its surroundings.
package struct RunStarted: Codable, Hashable, Sendable {
    package let ceremony: String
    package let plan: SHA256Digest
    package let roster: SHA256Digest
    package let environment: ObservedEnvironment

    package init(ceremony: String, plan: SHA256Digest, roster: SHA256Digest, environment: ObservedEnvironment) {
        self.ceremony = ceremony
        self.plan = plan
        self.roster = roster
        self.environment = environment
    }
}

/// Throwaway keys are about to be made in the token.
package struct SelfTestIntended: Codable, Hashable, Sendable {
    /// The token's serial number.
    package let token: String

    package init(token: String) { self.token = token }
}

/// The token did with throwaway keys what a ceremony rests on, and software that opened a blob of its own agreed.
package struct SelfTested: Codable, Hashable, Sendable {
    /// What must hold of throwaway keys of each kind before any key is generated, in the order it is tried.
    private static let requiredOfEach = [
        "template-read-back", "two-keys-differ", "not-oaep-sha1", "wrap-oaep-sha256", "unwrapped-key-is-the-same",
        "two-blobs-differ",
    ]

    /// What must hold before any key of these kinds is generated, in the order it is tried.
    package static func required(for kinds: [KeySpec]) -> [String] {
        kinds.flatMap { kind in requiredOfEach.map { "\(kind.rawValue)/\($0)" } } + ["user-cannot-trust"]
    }

    package let token: String
    /// What was tried and held, by name.
    package let held: [String]
    /// What else the token, the access to AWS and this host's clock were found to be.
    package let findings: [RecordedFinding]

    package init(token: String, held: [String], findings: [RecordedFinding]) {
        self.token = token
        self.held = held
        self.findings = findings
    }
}

/// A key is about to be generated in the HSM.
package struct GenerateIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let label: String
    package let id: String

    package init(slot: String, label: String, id: String) {
        self.slot = slot
        self.label = label
        self.id = id
    }
}

/// A key was generated in the HSM and read back.
package struct Generated: Codable, Hashable, Sendable {
    package let slot: String
    package let attributes: [AttributeSetting]
    /// What identifies the material without revealing it, in hex: 16 bytes of a secret key, of a key pair the 32 of its
    /// public key's SHA-256.
    package let commitment: String
    /// Of an AES key.
    package let checkValues: CheckValues?
    /// Of a key pair: the SubjectPublicKeyInfo (RFC 5280) in base64.
    package let publicKey: String?

    package init(
        slot: String, attributes: [AttributeSetting], commitment: String, checkValues: CheckValues? = nil,
        publicKey: String? = nil
    ) {
        self.slot = slot
        self.attributes = attributes
        self.commitment = commitment
        self.checkValues = checkValues
        self.publicKey = publicKey
    }
}

/// Three-byte check values: for people to compare. That they are the same decides nothing.
package struct CheckValues: Codable, Hashable, Sendable {
    /// The first three bytes of AES-CMAC over a zero block, in hex (ANSI X9.24).
    package let cmac: String
    /// The first three bytes of AES-ECB over a zero block, in hex (PKCS#11 `CKA_CHECK_VALUE`).
    package let ecb: String

    package init(cmac: String, ecb: String) {
        self.cmac = cmac
        self.ecb = ecb
    }

    /// Whether each is three bytes in lowercase hex.
    package var areWhole: Bool {
        [cmac, ecb].allSatisfy { $0.wholeMatch(of: /[0-9a-f]{6}/) != nil }
    }

    /// Both, when people are spoken to.
    package var words: String { "CMAC \(cmac), ECB \(ecb)" }
}

/// What a wrapping key was fetched for.
package enum Purpose: String, Codable, Hashable, Sendable, CaseIterable {
    /// The import itself.
    case `import`
    /// The second import that proves which material KMS holds.
    case proof
}

/// A wrapping key and token are about to be asked of KMS.
package struct FetchIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let purpose: Purpose
    /// Who asks KMS for it: the caller's ARN as sts:GetCallerIdentity gave it for this step, percent-encoded.
    package let caller: String?

    package init(slot: String, purpose: Purpose, caller: String? = nil) {
        self.slot = slot
        self.purpose = purpose
        self.caller = caller
    }
}

/// KMS answered with a wrapping key and an import token, now in `tokens/`.
package struct Fetched: Codable, Hashable, Sendable {
    package let slot: String
    package let purpose: Purpose
    /// The SHA-256 of the wrapping key's SubjectPublicKeyInfo.
    package let spki: SHA256Digest
    /// The SHA-256 of the import token.
    package let token: SHA256Digest
    /// Until when KMS takes the pair.
    package let validUntil: Timestamp
    package let request: String
    /// The SHA-256 of the TLS leaf certificate it came through; absent on a rehearsal's loopback.
    package let tlsLeaf: SHA256Digest?

    package init(
        slot: String, purpose: Purpose, spki: SHA256Digest, token: SHA256Digest, validUntil: Timestamp,
        request: String, tlsLeaf: SHA256Digest?
    ) {
        self.slot = slot
        self.purpose = purpose
        self.spki = spki
        self.token = token
        self.validUntil = validUntil
        self.request = request
        self.tlsLeaf = tlsLeaf
    }
}

/// One wrap that a release allows: this slot's material to this wrapping key.
package struct WrapOrder: Codable, Hashable, Sendable {
    package let slot: String
    package let purpose: Purpose
    package let spki: SHA256Digest

    package init(slot: String, purpose: Purpose, spki: SHA256Digest) {
        self.slot = slot
        self.purpose = purpose
        self.spki = spki
    }
}

/// All blobs are about to be wrapped, in one step.
package struct WrapIntended: Codable, Hashable, Sendable {
    /// The attempt of the release that allows it.
    package let release: Int
    package let orders: [WrapOrder]

    package init(release: Int, orders: [WrapOrder]) {
        self.release = release
        self.orders = orders
    }
}

/// All blobs lie in `wrapped/`, and the wrapping objects are gone from the HSM.
package struct Wrapped: Codable, Hashable, Sendable {
    package let blobs: [WrappedBlob]

    package init(blobs: [WrappedBlob]) { self.blobs = blobs }
}

/// The wrap that a killed run left open is not done again: its wrapping keys expire. What it may have wrapped is of no
/// use, and its release allows nothing any more.
package struct WrapAbandoned: Codable, Hashable, Sendable {
    /// The attempt of the release that had allowed it.
    package let release: Int

    package init(release: Int) { self.release = release }
}

/// One blob, by its digest.
package struct WrappedBlob: Codable, Hashable, Sendable {
    package let slot: String
    package let purpose: Purpose
    /// The SHA-256 of the wrapped material.
    package let blob: SHA256Digest
    /// Whether the HSM's security officer had marked the wrapping key as trusted, as the token said.
    package let trusted: Bool

    package init(slot: String, purpose: Purpose, blob: SHA256Digest, trusted: Bool) {
        self.slot = slot
        self.purpose = purpose
        self.blob = blob
        self.trusted = trusted
    }
}

/// How the outcome of an AWS call became known: by its answer, or by looking after the answer was lost.
package struct Learned: Codable, Hashable, Sendable {
    /// What stands for the request id of an answer that had none.
    package static let unknownRequest = "unknown"

    /// AWS's request id; absent when the outcome was found by looking.
    package let request: String?

    package init(request: String?) { self.request = request }

    /// The outcome was found by looking.
    package static let byLooking = Learned(request: nil)
}

/// Material is about to be imported as new: pending where the key has some already.
package struct ImportIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let key: String
    package let blob: SHA256Digest
    package let token: SHA256Digest
    /// Absent where KMS keeps none.
    package let description: String?
    /// Who asks KMS for it: the caller's ARN as sts:GetCallerIdentity gave it for this step, percent-encoded.
    package let caller: String?

    package init(
        slot: String, key: String, blob: SHA256Digest, token: SHA256Digest, description: String?, caller: String? = nil
    ) {
        self.slot = slot
        self.key = key
        self.blob = blob
        self.token = token
        self.description = description
        self.caller = caller
    }
}

/// KMS holds the material.
package struct Imported: Codable, Hashable, Sendable {
    package let slot: String
    /// KMS's id of it; where KMS names none, the commitment as KMS itself computed it.
    package let material: String
    package let learned: Learned

    package init(slot: String, material: String, learned: Learned) {
        self.slot = slot
        self.material = material
        self.learned = learned
    }
}

/// The same HSM key, wrapped a second time, is about to be imported as *existing* material.
package struct ProveIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String
    package let blob: SHA256Digest
    package let token: SHA256Digest
    /// The description KMS keeps if it accepts: what makes an unanswered proof visible by looking.
    package let description: String
    /// Who asks KMS for it: the caller's ARN as sts:GetCallerIdentity gave it for this step, percent-encoded.
    package let caller: String?

    package init(
        slot: String, material: String, blob: SHA256Digest, token: SHA256Digest, description: String,
        caller: String? = nil
    ) {
        self.slot = slot
        self.material = material
        self.blob = blob
        self.token = token
        self.description = description
        self.caller = caller
    }
}

/// KMS accepted the second blob for that material id, which it refuses for any other material.
package struct Proved: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String
    package let learned: Learned

    package init(slot: String, material: String, learned: Learned) {
        self.slot = slot
        self.material = material
        self.learned = learned
    }
}

/// The pending material is about to be made current.
package struct RotateIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let key: String
    package let from: String
    package let to: String
    /// Who asks KMS for it: the caller's ARN as sts:GetCallerIdentity gave it for this step, percent-encoded.
    package let caller: String?

    package init(slot: String, key: String, from: String, to: String, caller: String? = nil) {
        self.slot = slot
        self.key = key
        self.from = from
        self.to = to
        self.caller = caller
    }
}

/// The material is current.
package struct Rotated: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String
    /// On-demand rotations spent, this one included.
    package let rotationsUsed: Int
    package let learned: Learned

    package init(slot: String, material: String, rotationsUsed: Int, learned: Learned) {
        self.slot = slot
        self.material = material
        self.rotationsUsed = rotationsUsed
        self.learned = learned
    }
}

/// The HSM's key is about to lose what only checks needed, and the slot's blobs and tokens their files.
package struct SettleIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let retention: Retention

    package init(slot: String, retention: Retention) {
        self.slot = slot
        self.retention = retention
    }
}

/// The HSM's key as it is left, read back.
package struct Settled: Codable, Hashable, Sendable {
    package let slot: String
    /// None of a key that was destroyed.
    package let attributes: [AttributeSetting]

    package init(slot: String, attributes: [AttributeSetting]) {
        self.slot = slot
        self.attributes = attributes
    }
}

/// The ceremony is over; nothing follows.
package struct Closed: Codable, Hashable, Sendable {
    /// The SHA-256 of `MANIFEST`.
    package let manifest: SHA256Digest

    package init(manifest: SHA256Digest) { self.manifest = manifest }
}
