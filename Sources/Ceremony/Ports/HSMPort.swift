package import CryptoPrimitives
package import Evidence

/// The ceremony's HSM token. Key material never crosses this port, but as a wrapped blob.
package protocol HSMPort: Sendable {
    /// Says which token it is.
    func identity() async throws -> TokenIdentity

    /// Logs out; the next call that needs it logs in again. A step ends with it.
    func leave() async throws

    /// Makes throwaway keys by the template, wraps one, opens the blob in software, and tries what must be refused.
    ///
    /// - Returns: The names of what was tried and held.
    /// - Throws: When anything that the ceremony rests on did not hold.
    func selfTest(_ template: [AttributeSetting]) async throws -> [String]

    /// Looks for objects that carry the label *or* the id.
    ///
    /// - Parameter id: `CKA_ID` in hex.
    func find(label: String, id: String) async throws -> [HSMKey]

    /// Generates an AES-256 key with exactly these attributes and reads them back.
    func generate(label: String, id: String, template: [AttributeSetting]) async throws -> HSMKey

    /// Encrypts blocks of 16 bytes with a key in the token (AES-ECB), for commitments and check values.
    func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8]

    /// Wraps keys under RSA-OAEP-SHA-256 and destroys the wrapping objects.
    ///
    /// - Returns: The blobs, in the order of the requests.
    func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]]

    /// Takes `CKA_ENCRYPT` away from a key, which only its checks needed, and reads the attributes back.
    func removeCheckUsage(label: String, id: String) async throws -> HSMKey
}

/// A secret key object as the token describes it.
package struct HSMKey: Hashable, Sendable {
    package let label: String
    /// `CKA_ID` in hex.
    package let id: String
    package let attributes: [AttributeSetting]

    package init(label: String, id: String, attributes: [AttributeSetting]) {
        self.label = label
        self.id = id
        self.attributes = attributes
    }
}

/// One key to wrap to one public key.
package struct HSMWrapRequest: Hashable, Sendable {
    package let label: String
    package let id: String
    package let wrappingKey: RSAPublicKey

    package init(label: String, id: String, wrappingKey: RSAPublicKey) {
        self.label = label
        self.id = id
        self.wrappingKey = wrappingKey
    }
}
