import Ceremony
import CryptoPrimitives
import Evidence

/// A call that no test prepared: an effect repeated, or had where none should be.
struct Unprepared: Error, Hashable {
    let call: String
}

/// A token, or the way to it, that failed in a call.
struct TokenFailed: Error, Hashable {
    let call: String
}

/// A token in memory, with real secret keys, and pairs. It fails when an effect is asked of it more often than a test allows.
actor FakeHSM: HSMPort {
    /// How often each effect may still be asked for.
    var allowed = ["generate": 1, "wrap": 1, "removeCheckUsage": 1, "lock": 1, "destroy": 1, "giveCheckUsage": 9]
    /// Objects that other people put there.
    var strangers: [HSMKey] = []
    /// The calls that fail, once each, and whether each has had its effect by then.
    var failing: [String: Bool] = [:]
    /// What it answers whenever it is looked for a key.
    var whenAsked: (any Error)?
    /// Whether a lock fails, once, when it has taken away the one usage and not the other.
    var locksHalf = false
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

    /// Whether the answer to the next destroy is lost on its way.
    var losesDestroy = false
    /// Whether it says that it destroyed a key, and keeps it.
    var keepsDestroyed = false
    /// The labels under which it was told to trust wrapping keys.
    var trusts: Set<String> = []
    /// What it is found to be besides.
    var findings = [RecordedFinding(check: "random source", result: .pass, detail: nil)]
    /// What the token cannot wrap.
    var unable: Set<KeySpec> = []
    private var keys: [String: (material: SecretBytes, described: HSMKey)] = [:]

    static let token = TokenIdentity(label: "hsm", manufacturer: "nobody", model: "FAKE", serial: "0001")

    func prepare(_ change: @Sendable (isolated FakeHSM) -> Void) { change(self) }

    /// Another token with the same keys, which may do as much as this one still may.
    func copy() async -> FakeHSM {
        let copy = FakeHSM()
        let (allowed, trusts, keys) = (allowed, trusts, keys)
        await copy.prepare { ($0.allowed, $0.trusts, $0.keys) = (allowed, trusts, keys) }
        return copy
    }

    func identity() async throws -> TokenIdentity { Self.token }

    func leave() async throws { isLoggedIn = false }

    func selfTest(_ profiles: [KeyProfile]) async throws -> SelfTestReport {
        isLoggedIn = true
        whileTested()
        try fail("selfTest", after: false)
        return SelfTestReport(held: SelfTested.required(for: profiles.map(\.keySpec)), findings: findings)
    }

    func way(for keySpec: KeySpec) async throws -> WrappingWay {
        isLoggedIn = true
        guard !unable.contains(keySpec), let way = keySpec.ways.last else {
            throw CeremonyError(.environment, "It wraps no such key", remedy: "Leave it out")
        }
        return way
    }

    func find(label: String, id: String) async throws -> [HSMKey] {
        isLoggedIn = true
        if let whenAsked { throw whenAsked }
        try fail("find", after: false)
        return (strangers + keys.values.map(\.described)).filter { $0.label == label || $0.id == id }
    }

    func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) async throws -> HSMKey {
        try use("generate")
        let read = (attributes + KeyAttributes.provenance).map { right in
            wrong.first { $0.name == right.name } ?? right
        }
        let first = repeatsKeys ? keys.values.first?.material : nil
        let material = try first ?? Self.material(of: keySpec)
        let publicKey = keySpec.secretBytes == nil ? try PrivateKey(pkcs8: material, isChecked: true).spki : nil
        let made = HSMKey(label: label, id: id, attributes: read, publicKey: publicKey)
        keys[label] = (material, made)
        try fail("generate", after: true)
        if losesGenerate {
            losesGenerate = false
            throw AnswerLost(call: "generate")
        }
        return made
    }

    func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        isLoggedIn = true
        try fail("encrypt", after: false)
        guard keys[label]?.described.attributes.contains(AttributeSetting("CKA_ENCRYPT", "false")) != true else {
            throw Unprepared(call: "encrypt with a key that does not")
        }
        return try AES256.encryptECB(blocks, key: try material(label, id))
    }

    func authenticate(_ message: [UInt8], label: String, id: String, of keySpec: KeySpec) async throws -> [UInt8] {
        try keySpec.fakeCode(of: message, key: try material(label, id))
    }

    func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] {
        try use("wrap")
        let blobs = try requests.map { try $0.wrappingKey.fakeWrap(try material($0.label, $0.id)) }
        try fail("wrap", after: true)
        if firstBlobs.isEmpty { firstBlobs = blobs }
        return repeatsBlobs ? firstBlobs : blobs
    }

    func giveCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try use("giveCheckUsage")
        let material = try material(label, id)
        let attributes = (keys[label]?.described.attributes ?? []).map {
            $0.name == "CKA_ENCRYPT" ? AttributeSetting($0.name, "true") : $0
        }
        let taken = HSMKey(label: label, id: id, attributes: attributes)
        keys[label] = (material, taken)
        try fail("giveCheckUsage", after: true)
        return taken
    }

    /// Has a symmetric key that an earlier ceremony left.
    func keep(_ material: SecretBytes, label: String, id: String, trustedWrapping: Bool = false) {
        let template = KeyAttributes.held(KeyAttributes.template(of: .symmetric), trustedWrapping: trustedWrapping)
        let attributes = KeyAttributes.settled(template) + KeyAttributes.provenance
        keys[label] = (material, HSMKey(label: label, id: id, attributes: attributes))
    }

    /// Somebody deletes the key.
    func forget(label: String) { keys[label] = nil }

    func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try use("removeCheckUsage")
        let settled = try settle(label, id, .retain)
        try fail("removeCheckUsage", after: true)
        return settled
    }

    func requireTrusted(label: String, wrappingKey: RSAPublicKey) async throws {
        isLoggedIn = true
        guard trusts.contains(label) else {
            throw CeremonyError(.state, "\(label) is not trusted", remedy: "Trust it")
        }
    }

    func lock(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try use("lock")
        if locksHalf {
            locksHalf = false
            _ = try settle(label, id, .retain)
            throw TokenFailed(call: "lock")
        }
        let settled = try settle(label, id, .lock)
        try fail("lock", after: true)
        return settled
    }

    func destroy(label: String, id: String) async throws {
        try use("destroy")
        _ = try material(label, id)
        if !keepsDestroyed { keys[label] = nil }
        try fail("destroy", after: true)
        if losesDestroy {
            losesDestroy = false
            throw AnswerLost(call: "destroy")
        }
    }

    /// Changes an attribute of every key, as nobody should.
    func change(_ setting: AttributeSetting) {
        for (label, key) in keys {
            let attributes = key.described.attributes.map { $0.name == setting.name ? setting : $0 }
            keys[label] = (key.material, HSMKey(label: label, id: key.described.id, attributes: attributes))
        }
    }

    private func settle(_ label: String, _ id: String, _ retention: Retention) throws -> HSMKey {
        let material = try material(label, id)
        let settled = HSMKey(
            label: label, id: id,
            attributes: KeyAttributes.settled(keys[label]?.described.attributes ?? [], retention),
            publicKey: keys[label]?.described.publicKey)
        keys[label] = (material, settled)
        return settled
    }

    /// One for all tests, since it takes a while to make.
    private static let pair = Result { try PrivateKey(generating: .rsa(bits: 2048)).pkcs8() }

    /// Of a kind that this token makes: a secret key, a pair on P-256, or its one RSA pair.
    static func material(of keySpec: KeySpec) throws -> SecretBytes {
        if let count = keySpec.secretBytes { return try SecretBytes.random(count: count) }
        switch keySpec {
        case .p256: return try PrivateKey(generating: .ec(.p256)).pkcs8()
        case .rsa2048: return try pair.get()
        default: throw Unprepared(call: "generate \(keySpec.rawValue)")
        }
    }

    private func material(_ label: String, _ id: String) throws -> SecretBytes {
        isLoggedIn = true
        guard let key = keys[label], key.described.id == id else { throw Unprepared(call: "key \(label)") }
        return key.material
    }

    private func use(_ call: String) throws {
        isLoggedIn = true
        try fail(call, after: false)
        guard let left = allowed[call], left > 0 else { throw Unprepared(call: call) }
        allowed[call] = left - 1
    }

    private func fail(_ call: String, after isAfter: Bool) throws {
        guard failing[call] == isAfter else { return }
        failing[call] = nil
        throw TokenFailed(call: call)
    }
}
