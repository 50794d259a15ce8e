import Ceremony
import Evidence

/// KMS, but for what goes into an import: what it answers, or what it is asked.
struct AlteredKMS: KMSPort {
    let inner: any KMSPort
    /// In place of the wrapping key and the token that KMS gives out; nil for those.
    var parameters: (@Sendable () throws -> ImportParameters)?
    var request: @Sendable (ImportRequest) async throws -> ImportRequest = { $0 }

    func importParameters(
        of key: String, algorithm: WrappingAlgorithm, keySpec: String
    ) async throws -> ImportParameters {
        if let parameters { return try parameters() }
        return try await inner.importParameters(of: key, algorithm: algorithm, keySpec: keySpec)
    }

    func importMaterial(_ request: ImportRequest) async throws -> ImportAnswer {
        try await inner.importMaterial(self.request(request))
    }

    func callerIdentity() async throws -> CallerIdentity { try await inner.callerIdentity() }
    func describe(_ key: String) async throws -> KMSKey { try await inner.describe(key) }
    func materials(of key: String) async throws -> [KMSMaterial] { try await inner.materials(of: key) }
    func policy(of key: String) async throws -> PolicyText { try await inner.policy(of: key) }
    func rotate(_ key: String) async throws -> String? { try await inner.rotate(key) }
    func deleteMaterial(_ material: String, of key: String) async throws -> DeletionAnswer {
        try await inner.deleteMaterial(material, of: key)
    }
    func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8] {
        try await inner.encrypt(plaintext, with: key)
    }
    func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted {
        try await inner.decrypt(ciphertext, with: key)
    }
    var settlesWithin: Int { inner.settlesWithin }
    func target(of alias: String) async throws -> String? { try await inner.target(of: alias) }
    func settings(of key: String) async throws -> KeySettings { try await inner.settings(of: key) }
    func grants(of key: String) async throws -> [PlanGrant] { try await inner.grants(of: key) }
    func keys(tagged tag: KeyTag) async throws -> TaggedKeys { try await inner.keys(tagged: tag) }
    func createKey(_ settings: KeySettings, keySpec: KeySpec, usage: KeyUsage) async throws -> CreateAnswer {
        try await inner.createKey(settings, keySpec: keySpec, usage: usage)
    }
    func authenticate(_ message: [UInt8], with key: String, of keySpec: KeySpec) async throws -> [UInt8] {
        try await inner.authenticate(message, with: key, of: keySpec)
    }
    func publicKey(of key: String) async throws -> [UInt8] { try await inner.publicKey(of: key) }
    func createAlias(_ alias: String, for key: String) async throws -> String {
        try await inner.createAlias(alias, for: key)
    }
    func updateAlias(_ alias: String, to key: String) async throws -> String {
        try await inner.updateAlias(alias, to: key)
    }
}
