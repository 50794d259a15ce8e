import CryptoPrimitives
import Evidence

/// Is told before and after every write and outside call.
///
/// A rehearsal's tests stop or kill the process there. Live mode has none.
package protocol CheckpointPort: Sendable {
    /// - Parameter point: `before` or `after`, the port, the call and what it is about.
    /// - Throws: Whatever a test lets happen there in place of a kill: the call is not made, or brings no answer.
    func reached(_ point: String) throws
}

extension Ports {
    /// The same ports, with a checkpoint before and after each call.
    package func checked(by checkpoint: any CheckpointPort) -> Ports {
        Ports(
            folder: CheckedFolder(inner: folder, checkpoint: checkpoint),
            hsm: CheckedHSM(inner: hsm, checkpoint: checkpoint),
            kms: CheckedKMS(inner: kms, checkpoint: checkpoint),
            environment: CheckedEnvironment(inner: environment, checkpoint: checkpoint),
            memory: CheckedMemory(inner: memory, checkpoint: checkpoint), clock: clock, progress: progress,
            attendance: attendance, gap: gap.map { CheckedGap(inner: $0, checkpoint: checkpoint) })
    }
}

extension CheckpointPort {
    func around<T>(_ call: String, _ body: () throws -> T) throws -> T {
        try reached("before \(call)")
        let answer = try body()
        try reached("after \(call)")
        return answer
    }

    func around<T>(_ call: String, _ body: () async throws -> sending T) async throws -> sending T {
        try reached("before \(call)")
        let answer = try await body()
        try reached("after \(call)")
        return answer
    }
}

/// A folder with a checkpoint around each write. A journal line is named by its kind.
package struct CheckedFolder: FolderPort {
    private let inner: any FolderPort
    private let checkpoint: any CheckpointPort

    package init(inner: any FolderPort, checkpoint: any CheckpointPort) {
        self.inner = inner
        self.checkpoint = checkpoint
    }

    package func read(_ path: String) throws -> [UInt8] { try inner.read(path) }
    package func files() throws -> [String] { try inner.files() }
    package func removePartials() throws { try inner.removePartials() }
    package func requireWritable(_ path: String) throws { try inner.requireWritable(path) }
    package func exclusively(at path: String, _ body: () throws -> Void) throws {
        try inner.exclusively(at: path, body)
    }

    package func write(_ bytes: [UInt8], to path: String) throws {
        try checkpoint.around("folder.write \(path)") { try inner.write(bytes, to: path) }
    }

    package func append(_ bytes: [UInt8], to path: String) throws {
        try checkpoint.around(Self.name(of: bytes, to: path)) { try inner.append(bytes, to: path) }
    }

    package func truncate(_ path: String, to size: Int) throws {
        try checkpoint.around("folder.truncate \(path)") { try inner.truncate(path, to: size) }
    }

    package func remove(_ path: String) throws {
        try checkpoint.around("folder.remove \(path)") { try inner.remove(path) }
    }

    private static func name(of bytes: [UInt8], to path: String) -> String {
        let line = try? CanonicalJSON.decode(JournalLine.self, from: Array(bytes.dropLast()))
        return line.map { "journal \($0.event.kind.rawValue)" } ?? "folder.append \(path)"
    }
}

/// A signer with a checkpoint around each signature.
package struct CheckedSigner: SignerPort {
    private let inner: any SignerPort
    private let checkpoint: any CheckpointPort

    package init(inner: any SignerPort, checkpoint: any CheckpointPort) {
        self.inner = inner
        self.checkpoint = checkpoint
    }

    package func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try await checkpoint.around("signer.sign") { try await inner.sign(message, namespace: namespace) }
    }
}

private struct CheckedHSM: HSMPort {
    let inner: any HSMPort
    let checkpoint: any CheckpointPort

    func identity() async throws -> TokenIdentity {
        try await checkpoint.around("hsm.identity") { try await inner.identity() }
    }

    func leave() async throws {
        try await checkpoint.around("hsm.leave") { try await inner.leave() }
    }

    func selfTest(_ profiles: [KeyProfile]) async throws -> SelfTestReport {
        try await checkpoint.around("hsm.selfTest") { try await inner.selfTest(profiles) }
    }

    func way(for keySpec: KeySpec) async throws -> WrappingWay {
        try await checkpoint.around("hsm.way") { try await inner.way(for: keySpec) }
    }

    func find(label: String, id: String) async throws -> [HSMKey] {
        try await checkpoint.around("hsm.find") { try await inner.find(label: label, id: id) }
    }

    func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) async throws -> HSMKey {
        try await checkpoint.around("hsm.generate") {
            try await inner.generate(label: label, id: id, of: keySpec, attributes: attributes)
        }
    }

    func authenticate(_ message: [UInt8], label: String, id: String, of keySpec: KeySpec) async throws -> [UInt8] {
        try await checkpoint.around("hsm.authenticate") {
            try await inner.authenticate(message, label: label, id: id, of: keySpec)
        }
    }

    func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        try await checkpoint.around("hsm.encrypt") { try await inner.encrypt(blocks: blocks, label: label, id: id) }
    }

    func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] {
        try await checkpoint.around("hsm.wrap") { try await inner.wrap(requests) }
    }

    func giveCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await checkpoint.around("hsm.giveCheckUsage") {
            try await inner.giveCheckUsage(label: label, id: id, of: keySpec)
        }
    }

    func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await checkpoint.around("hsm.removeCheckUsage") {
            try await inner.removeCheckUsage(label: label, id: id, of: keySpec)
        }
    }
}

extension CheckedHSM {
    func lock(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await checkpoint.around("hsm.lock") { try await inner.lock(label: label, id: id, of: keySpec) }
    }

    func requireTrusted(label: String, wrappingKey: RSAPublicKey) async throws {
        try await checkpoint.around("hsm.requireTrusted") {
            try await inner.requireTrusted(label: label, wrappingKey: wrappingKey)
        }
    }

    func destroy(label: String, id: String) async throws {
        try await checkpoint.around("hsm.destroy") { try await inner.destroy(label: label, id: id) }
    }
}

private struct CheckedKMS: KMSPort {
    let inner: any KMSPort
    let checkpoint: any CheckpointPort

    func callerIdentity() async throws -> CallerIdentity {
        try await checkpoint.around("kms.callerIdentity") { try await inner.callerIdentity() }
    }

    func describe(_ key: String) async throws -> KMSKey {
        try await checkpoint.around("kms.describe") { try await inner.describe(key) }
    }

    func materials(of key: String) async throws -> [KMSMaterial] {
        try await checkpoint.around("kms.materials") { try await inner.materials(of: key) }
    }

    func policy(of key: String) async throws -> PolicyText {
        try await checkpoint.around("kms.policy") { try await inner.policy(of: key) }
    }

    func importParameters(
        of key: String, algorithm: WrappingAlgorithm, keySpec: String
    ) async throws -> ImportParameters {
        try await checkpoint.around("kms.importParameters") {
            try await inner.importParameters(of: key, algorithm: algorithm, keySpec: keySpec)
        }
    }

    func importMaterial(_ request: ImportRequest) async throws -> ImportAnswer {
        try await checkpoint.around("kms.importMaterial \(request.kind.word)") {
            try await inner.importMaterial(request)
        }
    }

    func rotate(_ key: String) async throws -> String? {
        try await checkpoint.around("kms.rotate") { try await inner.rotate(key) }
    }

    func deleteMaterial(_ material: String, of key: String) async throws -> DeletionAnswer {
        try await checkpoint.around("kms.deleteMaterial") { try await inner.deleteMaterial(material, of: key) }
    }

    func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8] {
        try await checkpoint.around("kms.encrypt") { try await inner.encrypt(plaintext, with: key) }
    }

    func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted {
        try await checkpoint.around("kms.decrypt") { try await inner.decrypt(ciphertext, with: key) }
    }

    func authenticate(_ message: [UInt8], with key: String, of keySpec: KeySpec) async throws -> [UInt8] {
        try await checkpoint.around("kms.authenticate") {
            try await inner.authenticate(message, with: key, of: keySpec)
        }
    }

    func publicKey(of key: String) async throws -> [UInt8] {
        try await checkpoint.around("kms.publicKey") { try await inner.publicKey(of: key) }
    }

    var settlesWithin: Int { inner.settlesWithin }

    func target(of alias: String) async throws -> String? {
        try await checkpoint.around("kms.target") { try await inner.target(of: alias) }
    }

    func settings(of key: String) async throws -> KeySettings {
        try await checkpoint.around("kms.settings") { try await inner.settings(of: key) }
    }

    func grants(of key: String) async throws -> [PlanGrant] {
        try await checkpoint.around("kms.grants") { try await inner.grants(of: key) }
    }

    func keys(tagged tag: KeyTag) async throws -> TaggedKeys {
        try await checkpoint.around("kms.keys") { try await inner.keys(tagged: tag) }
    }

    func createKey(_ settings: KeySettings, keySpec: KeySpec, usage: KeyUsage) async throws -> CreateAnswer {
        try await checkpoint.around("kms.createKey") {
            try await inner.createKey(settings, keySpec: keySpec, usage: usage)
        }
    }

    func createAlias(_ alias: String, for key: String) async throws -> String {
        try await checkpoint.around("kms.createAlias") { try await inner.createAlias(alias, for: key) }
    }

    func updateAlias(_ alias: String, to key: String) async throws -> String {
        try await checkpoint.around("kms.updateAlias") { try await inner.updateAlias(alias, to: key) }
    }
}

extension ImportKind {
    fileprivate var word: String {
        switch self {
        case .new, .only: "new"
        case .existing: "existing"
        }
    }
}

private struct CheckedEnvironment: EnvironmentPort {
    let inner: any EnvironmentPort
    let checkpoint: any CheckpointPort

    var host: String { inner.host }

    func observe() async throws -> ObservedEnvironment {
        try await checkpoint.around("environment.observe") { try await inner.observe() }
    }

    /// These leave nothing behind that a resumed run could meet.
    func program() throws -> ProgramDigest { try inner.program() }
    func prepare() async throws -> [CallerRole: String] { try await inner.prepare() }
    func caller(of role: CallerRole) async throws -> String { try await inner.caller(of: role) }

    func examine(_ plan: Plan) async throws -> [RecordedFinding] {
        try await checkpoint.around("environment.examine") { try await inner.examine(plan) }
    }
}

/// A memory with a checkpoint around each write.
package struct CheckedMemory: MemoryPort {
    private let inner: any MemoryPort
    private let checkpoint: any CheckpointPort

    package init(inner: any MemoryPort, checkpoint: any CheckpointPort) {
        self.inner = inner
        self.checkpoint = checkpoint
    }

    package func recall(_ ceremony: String) throws -> [Sighting] { try inner.recall(ceremony) }
    package func requireWritable() throws { try inner.requireWritable() }

    package func remember(_ sighting: Sighting) throws {
        try checkpoint.around("memory.remember \(sighting.gate.rawValue)") { try inner.remember(sighting) }
    }
}
