package import CryptoPrimitives
package import Evidence

/// The ceremony's HSM token. Key material never crosses this port, but as a wrapped blob.
package protocol HSMPort: Sendable {
    /// Says which token it is.
    func identity() async throws -> TokenIdentity

    /// Logs out; the next call that needs it logs in again. A step ends with it.
    func leave() async throws

    /// Makes throwaway keys by each profile, wraps one, opens the blob in software, and tries what must be refused.
    ///
    /// - Throws: When anything that the ceremony rests on did not hold.
    func selfTest(_ profiles: [KeyProfile]) async throws -> SelfTestReport

    /// Finds out, with throwaway keys, how the token can wrap keys of a kind.
    ///
    /// - Returns: The first of the kind's ways in which the token does everything that it must.
    /// - Throws: When there is none, with what did not hold of each.
    func way(for keySpec: KeySpec) async throws -> WrappingWay

    /// Looks for objects that carry the label *or* the id.
    ///
    /// - Parameter id: `CKA_ID` in hex.
    func find(label: String, id: String) async throws -> [HSMKey]

    /// Generates a key, or a pair, with exactly these attributes and reads them back.
    func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) async throws -> HSMKey

    /// Encrypts blocks of 16 bytes with a key in the token (AES-ECB), for commitments and check values.
    func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8]

    /// Takes the code of a message with an HMAC key in the token, with the hash that KMS has for that kind.
    func authenticate(_ message: [UInt8], label: String, id: String, of keySpec: KeySpec) async throws -> [UInt8]

    /// Wraps keys as their profiles say and destroys the wrapping objects.
    ///
    /// - Returns: The blobs, in the order of the requests.
    func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]]

    /// Looks whether the token has a wrapping key that its security officer marked as trusted.
    ///
    /// - Throws: When it has none of that label, or another one.
    func requireTrusted(label: String, wrappingKey: RSAPublicKey) async throws

    /// Gives a key that an earlier ceremony left the usage that its checks need, if its kind has one, and reads the attributes
    /// back.
    func giveCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey

    /// Takes away from a key the usage that only its checks needed, if its kind has one, and reads the attributes back.
    func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey

    /// Does the same, makes the key one that can never be wrapped again, and reads the attributes back.
    func lock(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey

    /// Destroys a key, or what is left of a pair.
    func destroy(label: String, id: String) async throws
}

/// What came of a token's self-test.
package struct SelfTestReport: Codable, Hashable, Sendable {
    /// The names of what was tried and held.
    package let held: [String]
    /// What else was looked at.
    package let findings: [RecordedFinding]

    package init(held: [String], findings: [RecordedFinding]) {
        self.held = held
        self.findings = findings
    }
}

/// A key object, or a pair of them, as the token describes it.
package struct HSMKey: Codable, Hashable, Sendable {
    package let label: String
    /// `CKA_ID` in hex.
    package let id: String
    /// Of a pair they are those of its private half.
    package let attributes: [AttributeSetting]
    /// Of a pair: DER of the SubjectPublicKeyInfo of its public half.
    package let publicKey: [UInt8]?

    package init(label: String, id: String, attributes: [AttributeSetting], publicKey: [UInt8]? = nil) {
        self.label = label
        self.id = id
        self.attributes = attributes
        self.publicKey = publicKey
    }
}

/// One key to wrap to one public key.
package struct HSMWrapRequest: Hashable, Sendable {
    package let label: String
    package let id: String
    package let way: WrappingWay
    package let wrappingKey: RSAPublicKey
    /// The label under which the security officer put the wrapping key on the token, marked as trusted; nil for one that
    /// the token is given for this wrap alone.
    package let trustedAs: String?

    package init(
        label: String, id: String, way: WrappingWay, wrappingKey: RSAPublicKey, trustedAs: String? = nil
    ) {
        self.label = label
        self.id = id
        self.way = way
        self.wrappingKey = wrappingKey
        self.trustedAs = trustedAs
    }
}
