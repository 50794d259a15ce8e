package import CryptoPrimitives
package import Evidence

/// AWS KMS in one account and Region. One method is one call; a lost answer to an effect is `AnswerLost`.
package protocol KMSPort: Sendable {
    /// The ARN of the identity behind the calls (sts:GetCallerIdentity), and its account.
    func callerIdentity() async throws -> CallerIdentity

    /// DescribeKey, by id, ARN or alias.
    ///
    /// - Throws: `NoSuchKey`.
    func describe(_ key: String) async throws -> KMSKey

    /// ListKeyRotations with all key material, all pages; of symmetric encryption keys, which alone have several.
    func materials(of key: String) async throws -> [KMSMaterial]

    /// GetKeyPolicy.
    func policy(of key: String) async throws -> PolicyText

    /// GetParametersForImport.
    ///
    /// - Parameter keySpec: The wrapping key's.
    func importParameters(
        of key: String, algorithm: WrappingAlgorithm, keySpec: String
    ) async throws -> ImportParameters

    /// ImportKeyMaterial.
    func importMaterial(_ request: ImportRequest) async throws -> ImportAnswer

    /// RotateKeyOnDemand.
    ///
    /// - Returns: The request id; nil when KMS says that a rotation of this key is under way already.
    func rotate(_ key: String) async throws -> String?

    /// DeleteImportedKeyMaterial, always with the material's id: without one KMS deletes whatever is current.
    func deleteMaterial(_ material: String, of key: String) async throws -> DeletionAnswer

    /// Encrypt, by ARN or alias.
    func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8]

    /// Decrypt with one key.
    func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted

    /// GenerateMac with an HMAC key, by ARN or alias, with the hash that KMS has for that kind.
    func authenticate(_ message: [UInt8], with key: String, of keySpec: KeySpec) async throws -> [UInt8]

    /// GetPublicKey of a key pair, by ARN or alias.
    ///
    /// - Returns: DER of the SubjectPublicKeyInfo.
    func publicKey(of key: String) async throws -> [UInt8]

    /// How many seconds KMS may take to show what it did: AWS is eventually consistent.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency>
    var settlesWithin: Int { get }

    /// The ARN of the key that an alias resolves to (DescribeKey); nil when there is no such alias.
    func target(of alias: String) async throws -> String?

    /// What a key is beside its material (DescribeKey, GetKeyPolicy, and ListResourceTags, all pages).
    ///
    /// Tags that AWS keeps for itself (`aws:...`) are left out: no caller can give them to a key.
    func settings(of key: String) async throws -> KeySettings

    /// ListGrants, all pages.
    func grants(of key: String) async throws -> [PlanGrant]

    /// The keys of the account and Region that carry a tag (ListKeys and ListResourceTags, all pages).
    func keys(tagged tag: KeyTag) async throws -> TaggedKeys

    /// CreateKey of a key of origin EXTERNAL.
    func createKey(_ settings: KeySettings, keySpec: KeySpec, usage: KeyUsage) async throws -> CreateAnswer

    /// CreateAlias.
    ///
    /// - Returns: The request id.
    func createAlias(_ alias: String, for key: String) async throws -> String

    /// UpdateAlias.
    ///
    /// - Returns: The request id.
    func updateAlias(_ alias: String, to key: String) async throws -> String
}

extension KMSPort {
    /// The SHA-256 of the policy's text.
    func policyDigest(of key: String) async throws -> SHA256Digest { try await policy(of: key).digest }

    /// The commitment of a key whose material KMS does not name, as KMS itself computes it.
    ///
    /// - Parameters:
    ///   - key: An ARN or an alias; the key must be enabled.
    ///   - block: What the HSM takes the code of for this slot.
    /// - Returns: In hex, what `Generated` has for the key that the HSM made.
    package func commitment(of key: String, _ keySpec: KeySpec, block: [UInt8]) async throws -> String {
        switch keySpec.family {
        case .aes, .hmac: Commitment.text(ofCode: try await authenticate(block, with: key, of: keySpec))
        case .rsa, .ec: Commitment.text(ofPublicKey: try await publicKey(of: key))
        }
    }
}

/// Whose credentials the calls are signed with, as sts:GetCallerIdentity tells it.
package struct CallerIdentity: Hashable, Sendable {
    package let arn: String
    package let account: String
    /// The service's clock when it answered, if it said.
    package let time: Timestamp?

    package init(arn: String, account: String, time: Timestamp?) {
        self.arn = arn
        self.account = account
        self.time = time
    }
}

/// A KMS key as DescribeKey has it.
package struct KMSKey: Hashable, Sendable {
    package let arn: String
    /// `Enabled`, `PendingImport`, ...
    package let state: String
    /// `EXTERNAL`, `AWS_KMS`, ...
    package let origin: String
    /// `SYMMETRIC_DEFAULT`, ...
    package let spec: String
    /// `ENCRYPT_DECRYPT`, ...
    package let usage: String
    package let multiRegion: Bool
    /// The ARNs of a multi-Region key's primary and replicas, itself left out.
    package let relatedKeys: [String]
    /// Of symmetric encryption keys.
    package let currentMaterial: String?

    package init(
        arn: String, state: String, origin: String, spec: String, usage: String, multiRegion: Bool,
        relatedKeys: [String] = [], currentMaterial: String?
    ) {
        self.arn = arn
        self.state = state
        self.origin = origin
        self.spec = spec
        self.usage = usage
        self.multiRegion = multiRegion
        self.relatedKeys = relatedKeys
        self.currentMaterial = currentMaterial
    }
}

/// One material of a key as ListKeyRotations has it.
package struct KMSMaterial: Hashable, Sendable {
    /// What KMS does with it (`ImportState` aside): it encrypts with the current one alone.
    package enum State: String, Sendable {
        case current = "CURRENT"
        case nonCurrent = "NON_CURRENT"
        case pendingRotation = "PENDING_ROTATION"
        case other
    }

    package let id: String
    package let state: State
    package let description: String?
    /// Whether RotateKeyOnDemand made it current, which spends one of the key's 25.
    package let onDemand: Bool
    /// Whether KMS has it; of what expired or was deleted, it keeps only this entry.
    package let isImported: Bool
    /// Until when KMS keeps it; nil of what it has not.
    package let expiry: Expiry?

    /// - Parameter expiry: Counts for nothing where it is not imported.
    package init(
        id: String, state: State, description: String?, onDemand: Bool, isImported: Bool = true,
        expiry: Expiry = .never
    ) {
        self.expiry = isImported ? expiry : nil
        self.id = id
        self.state = state
        self.description = description
        self.onDemand = onDemand
        self.isImported = isImported
    }
}

/// A wrapping key and its import token.
package struct ImportParameters: Sendable {
    /// DER of the SubjectPublicKeyInfo.
    package let publicKey: [UInt8]
    package let token: [UInt8]
    package let validUntil: Timestamp
    package let request: String
    package let tlsLeaf: SHA256Digest?

    package init(publicKey: [UInt8], token: [UInt8], validUntil: Timestamp, request: String, tlsLeaf: SHA256Digest?) {
        self.publicKey = publicKey
        self.token = token
        self.validUntil = validUntil
        self.request = request
        self.tlsLeaf = tlsLeaf
    }
}

/// Whether material is new to the key, or must be what the key has already.
package enum ImportKind: Hashable, Sendable {
    case new
    /// KMS refuses any material but this one: what makes it a proof.
    case existing(material: String)
    /// The one material that the key has for ever.
    case only
}

/// What one ImportKeyMaterial hands over.
package struct ImportRequest: Sendable {
    package let key: String
    package let kind: ImportKind
    package let blob: [UInt8]
    package let token: [UInt8]
    /// nil where KMS keeps none.
    package let description: String?
    /// Until when KMS is to keep it.
    package let expiry: Expiry

    package init(
        key: String, kind: ImportKind, blob: [UInt8], token: [UInt8], description: String?, expiry: Expiry = .never
    ) {
        self.expiry = expiry
        self.key = key
        self.kind = kind
        self.blob = blob
        self.token = token
        self.description = description
    }
}

/// What KMS answered to it.
package struct ImportAnswer: Hashable, Sendable {
    /// nil where KMS does not name it.
    package let material: String?
    package let request: String

    package init(material: String?, request: String) {
        self.material = material
        self.request = request
    }
}

/// KMS's answer to DeleteImportedKeyMaterial.
package struct DeletionAnswer: Hashable, Sendable {
    /// What it deleted; nil if it did not say.
    package let material: String?
    package let request: String

    package init(material: String?, request: String) {
        self.material = material
        self.request = request
    }
}

/// What KMS made of a ciphertext of a key.
package struct Decrypted: Sendable {
    package let plaintext: [UInt8]
    /// The material that did it.
    package let material: String

    package init(plaintext: [UInt8], material: String) {
        self.plaintext = plaintext
        self.material = material
    }
}
