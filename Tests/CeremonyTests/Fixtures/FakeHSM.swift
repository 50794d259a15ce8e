import Ceremony
import CryptoPrimitives
import Evidence

/// A call that no test prepared: an effect repeated, or had where none should be.
struct Unprepared: Error, Hashable {
    let call: String
}

/// A token in memory, with real AES keys. It fails when an effect is asked of it more often than a test allows.
actor FakeHSM: HSMPort {
    /// How often each effect may still be asked for.
    var allowed = ["generate": 1, "wrap": 1, "removeCheckUsage": 1]
    /// Objects that other people put there.
    var strangers: [HSMKey] = []
    /// Attributes that the token gets wrong.
    var wrong: [AttributeSetting] = []
    /// Whether the answer to the next generate is lost on its way.
    var losesGenerate = false
    /// Whether every key after the first is the first under another name.
    var repeatsKeys = false
    /// Whether every wrap is answered with the blobs of the first.
    var repeatsBlobs = false
    private var firstBlobs: [[UInt8]] = []
    /// What happens in the room while the token is tested.
    var whileTested: @Sendable () -> Void = {}
    /// Whether somebody is logged in: since a call that needs it, until they leave.
    private(set) var isLoggedIn = false

    private var keys: [String: (material: SecretBytes, described: HSMKey)] = [:]

    static let token = TokenIdentity(label: "hsm", manufacturer: "nobody", model: "FAKE", serial: "0001")

    func prepare(_ change: @Sendable (isolated FakeHSM) -> Void) { change(self) }

    func identity() async throws -> TokenIdentity { Self.token }

    func leave() async throws { isLoggedIn = false }

    func selfTest(_ template: [AttributeSetting]) async throws -> [String] {
        isLoggedIn = true
        whileTested()
        return SelfTested.required
    }

    func find(label: String, id: String) async throws -> [HSMKey] {
        isLoggedIn = true
        return (strangers + keys.values.map(\.described)).filter { $0.label == label || $0.id == id }
    }

    func generate(label: String, id: String, template: [AttributeSetting]) async throws -> HSMKey {
        try use("generate")
        let read = (template + KeyAttributes.provenance).map { right in wrong.first { $0.name == right.name } ?? right }
        let made = HSMKey(label: label, id: id, attributes: read)
        let first = repeatsKeys ? keys.values.first?.material : nil
        keys[label] = (try first ?? SecretBytes.random(count: 32), made)
        if losesGenerate {
            losesGenerate = false
            throw AnswerLost(call: "generate")
        }
        return made
    }

    func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        try AES256.encryptECB(blocks, key: try material(label, id))
    }

    func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] {
        try use("wrap")
        let blobs = try requests.map { try $0.wrappingKey.encryptOAEP(try material($0.label, $0.id), hash: .sha256) }
        if firstBlobs.isEmpty { firstBlobs = blobs }
        return repeatsBlobs ? firstBlobs : blobs
    }

    func removeCheckUsage(label: String, id: String) async throws -> HSMKey {
        try use("removeCheckUsage")
        let material = try material(label, id)
        let settled = HSMKey(
            label: label, id: id,
            attributes: (keys[label]?.described.attributes ?? []).map {
                $0.name == "CKA_ENCRYPT" ? AttributeSetting($0.name, "false") : $0
            })
        keys[label] = (material, settled)
        return settled
    }

    private func material(_ label: String, _ id: String) throws -> SecretBytes {
        isLoggedIn = true
        guard let key = keys[label], key.described.id == id else { throw Unprepared(call: "key \(label)") }
        return key.material
    }

    private func use(_ call: String) throws {
        isLoggedIn = true
        guard let left = allowed[call], left > 0 else { throw Unprepared(call: call) }
        allowed[call] = left - 1
    }
}
