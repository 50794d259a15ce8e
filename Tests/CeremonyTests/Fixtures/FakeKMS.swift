import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Synchronization

/// External keys in memory, which truly unwrap: one that every alias resolves to, and others. It fails when an effect is asked of it more often than a test allows.
actor FakeKMS: KMSPort {
    /// What becomes of one call whose answer is lost.
    enum Loss: Sendable {
        /// It had its effect.
        case answer
        /// It never arrived.
        case request
    }

    enum Unseen: CaseIterable {
        case key, settings, tags, parameters, alias, use
    }

    /// Whether something that was made is not there yet for who asks so.
    private func isUnseen(_ question: Unseen) -> Bool {
        guard !others.isEmpty, let left = unseen[question], left > 0 else { return false }
        unseen[question] = left - 1
        return true
    }

    /// How often each effect may still be asked for.
    var allowed = [
        "import": 1, "prove": 1, "rotate": 1, "createKey": 1, "createAlias": 1, "updateAlias": 1, "deleteMaterial": 1,
    ]
    /// How often other material was refused than that of an id.
    private(set) var refusals = 0
    /// What was deleted, by its id, in this order.
    private(set) var deleted: [String] = []
    /// What happens to the key when materials are looked at, once.
    var whileLooking: (@Sendable (isolated FakeKMS) -> Void)?
    /// Why a look at materials is refused, once.
    var lookRefusal: (any Error)?
    /// What happens to it between the last look and a deletion, once.
    var beforeDeleting: (@Sendable (isolated FakeKMS) -> Void)?
    /// What DescribeKey has as current while the list of materials does not show it yet.
    var currentAhead: String?
    /// Calls that are lost, once each.
    var lost: [String: Loss] = [:]
    /// Calls that KMS refuses, once each, by the error's name.
    var refused: [String: String] = [:]
    var materials = [KMSMaterial(id: "old", state: .current, description: nil, onDemand: false)]
    var policy = PolicyText("{\n \"Statement\": []\n}")
    /// What every alias resolves to that `aliases` does not have.
    var target = key
    /// What is related to that key in other Regions.
    var relatedKeys: [String] = []
    /// Aliases that resolve elsewhere; to nothing, if they do not exist.
    var aliases: [String: String?] = [:]
    /// What KMS has no key of, whatever else is said here.
    var missing: Set<String> = []
    /// Whether what it decrypts is not what was encrypted.
    var decryptsOtherwise = false
    /// Keys beside that one, by their ARNs.
    var others: [String: FakeKey] = [:]
    var grants: [PlanGrant] = []
    /// How often a search by tag still finds nothing, as on a service that is eventually consistent.
    var blindSearches = 0
    /// How many looks at materials and aliases still show what was before the last effect.
    var blindLooks = 0
    /// For how many looks an effect does not show, by its call.
    var blindCalls: [String: Int] = [:]
    /// How often KMS still has no such key or alias, or no tags of it, after it made them: by what is asked.
    var unseen: [Unseen: Int] = [:]
    /// How many encryptions after a rotation still take the material from before.
    var staleUses = 0
    /// What DescribeKey says of the key that every alias resolves to.
    var state = "Enabled"
    /// Materials and aliases as they were before the last effect.
    private var before: (materials: [KMSMaterial], others: [String: FakeKey], aliases: [String: String?])?
    /// How many keys do not let their tags be read.
    var unreadable = 0
    /// What KMS makes of the policy that a new key is given.
    var policyReadAs: String?
    /// What is in a key after an import of its only material, when somebody else was first.
    var importsOther: SecretBytes?
    /// The spec of a key that KMS makes, when it is not what was asked for.
    var createdAs: String?
    /// What happens in the room while material is imported.
    var whileImporting: @Sendable () -> Void = {}
    let settling = Mutex(0)

    static let key = "arn:aws:kms:eu-central-1:111122223333:key/1"
    /// The SHA-256 of the certificate that it shows.
    static let certificate = SHA256Digest(of: Array("a certificate".utf8))
    static let oldSettings = KeySettings(
        description: "the old key", multiRegion: false, policy: "{\n \"Statement\": []\n}",
        tags: [KeyTag("Service", "payments")])
    private(set) var fetches = 0
    /// The request ids of the calls that had an answer, by name: each has its own.
    private(set) var requests: [String: [String]] = [:]
    /// When wrapping keys are fetched.
    var now = TestRoom.now
    /// For how many seconds from then they live.
    var lifetime: Int64 = 24 * 3600
    /// Whether every fetch has the token of the first.
    var repeatsToken = false
    /// Whether every fetch has the wrapping key of the first.
    var repeatsWrappingKey = false
    /// The tokens of so many fetches have expired.
    var spentFetches = 0
    /// The fetch, counted from 1, that brings no answer.
    var lostFetch: Int?

    init() throws {}

    func prepare(_ change: @Sendable (isolated FakeKMS) -> Void) { change(self) }

    /// Another service with the same keys and aliases, which may do as much as this one still may.
    func copy() async throws -> FakeKMS {
        let copy = try FakeKMS()
        let (allowed, fetches, materials, others, aliases) = (allowed, fetches, materials, others, aliases)
        await copy.prepare {
            ($0.allowed, $0.fetches, $0.materials) = (allowed, fetches, materials)
            ($0.others, $0.aliases) = (others, aliases)
        }
        return copy
    }

    /// Makes a key, to which an alias points.
    func point(_ alias: String, to key: FakeKey) {
        let arn = Self.key + "-\(others.count + 1)"
        others[arn] = key
        aliases[alias] = arn
    }

    func callerIdentity() async throws -> CallerIdentity {
        CallerIdentity(arn: "arn:aws:iam::111122223333:user/x", account: "111122223333", time: nil)
    }

    func describe(_ key: String) async throws -> KMSKey {
        if isUnseen(key.hasPrefix("alias/") ? .alias : .key) { throw NoSuchKey(key, at: "https://kms.example") }
        let arn = try look { try resolve(key, $0.aliases) }
        if let other = others[arn] { return other.described(as: arn) }
        return KMSKey(
            arn: arn, state: Self.isUnusable(materials) ? "PendingImport" : state, origin: "EXTERNAL",
            spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT",
            multiRegion: !relatedKeys.isEmpty, relatedKeys: relatedKeys,
            currentMaterial: currentAhead ?? materials.first { $0.state == .current }?.id)
    }

    func materials(of key: String) async throws -> [KMSMaterial] {
        if let lookRefusal {
            self.lookRefusal = nil
            throw lookRefusal
        }
        if let meanwhile = whileLooking {
            whileLooking = nil
            meanwhile(self)
        }
        return look { $0.others[key]?.materials ?? $0.materials }
    }

    /// KMS uses no key of which it lacks a material that the key ever used.
    static func isUnusable(_ materials: [KMSMaterial]) -> Bool {
        materials.contains { !$0.isImported }
    }

    /// What the key ever used leaves an entry behind.
    func deleteMaterial(_ material: String, of key: String) async throws -> DeletionAnswer {
        if let meanwhile = beforeDeleting {
            beforeDeleting = nil
            meanwhile(self)
        }
        guard (others[key]?.materials ?? materials).contains(where: { $0.id == material && $0.isImported }) else {
            throw ServiceRefused(
                code: "NotFoundException", request: request("refused"), what: "there is no such material")
        }
        try effect("deleteMaterial") {
            deleted.append(material)
            change(key) { materials in
                materials = materials.map { $0.id == material ? $0.forgotten : $0 }
            }
        }
        return DeletionAnswer(material: material, request: request("delete"))
    }

    /// What is there now or, for as many looks as it is blind, what was.
    private func look<R>(
        _ at: ((materials: [KMSMaterial], others: [String: FakeKey], aliases: [String: String?])) throws -> R
    ) rethrows -> R {
        guard blindLooks > 0, let before else { return try at((materials, others, aliases)) }
        blindLooks -= 1
        return try at(before)
    }

    func policy(of key: String) async throws -> PolicyText { others[key]?.settings.policyText ?? policy }

    func importParameters(
        of key: String, algorithm: WrappingAlgorithm, keySpec: String
    ) async throws -> ImportParameters {
        if isUnseen(.parameters) { throw NoSuchKey(key, at: "https://kms.example") }
        fetches += 1
        if fetches == lostFetch { throw Unprepared(call: "importParameters") }
        return ImportParameters(
            publicKey: try WrappingKeys.key(repeatsWrappingKey ? 1 : fetches).publicKey.spki,
            token: Array("token \(repeatsToken ? 1 : fetches)".utf8),
            validUntil: now.advanced(bySeconds: lifetime), request: request("fetch"), tlsLeaf: Self.certificate)
    }

    func importMaterial(_ request: ImportRequest) async throws -> ImportAnswer {
        defer { whileImporting() }
        guard let number = Int(String(decoding: request.token.dropFirst(6), as: UTF8.self)), number <= fetches else {
            throw Unprepared(call: "an import by a token that was not handed out")
        }
        if number <= spentFetches {
            throw ServiceRefused(code: "ExpiredImportTokenException", request: nil, what: "The token expired")
        }
        let wrapping = try WrappingKeys.key(repeatsWrappingKey ? 1 : number)
        if request.kind == .only { return try importOnly(request, wrapping) }
        let plain = try wrapping.decryptOAEP(request.blob, hash: .sha256)
        let id = plain.withUnsafeBytes { SHA256Digest(of: $0).hex }
        switch request.kind {
        case .new:
            try effect("import") {
                let state: KMSMaterial.State = others[request.key] == nil ? .pendingRotation : .current
                change(request.key) {
                    $0.append(KMSMaterial(id: id, state: state, description: request.description, onDemand: false))
                }
            }
        case .existing(let material):
            guard material == id else {
                refusals += 1
                throw ServiceRefused(
                    code: "IncorrectKeyMaterialException", request: self.request("refused"),
                    what: "it is other material")
            }
            let (description, expiry) = (request.description ?? "", request.expiry)
            try effect("prove") {
                change(request.key) { $0.describe(material, as: description, until: expiry) }
            }
        case .only: throw Unprepared(call: "an import of what has several materials")
        }
        return ImportAnswer(material: id, request: self.request("import"))
    }

    /// The one material of a key that has no more: KMS names neither it nor a description.
    private func importOnly(_ request: ImportRequest, _ wrapping: RSAPrivateKey) throws -> ImportAnswer {
        guard let spec = others[request.key]?.keySpec, !spec.keepsMaterials, request.description == nil else {
            throw Unprepared(call: "an import without a type")
        }
        let material = try wrapping.fakeUnwrap(request.blob)
        try effect("import") { others[request.key]?.only = importsOther ?? material }
        return ImportAnswer(material: nil, request: self.request("import-only"))
    }

    func authenticate(_ message: [UInt8], with key: String, of keySpec: KeySpec) async throws -> [UInt8] {
        let found = others[try resolve(key)]
        guard let only = found?.only, found?.keySpec == keySpec else { throw Unprepared(call: "authenticate") }
        return try keySpec.fakeCode(of: message, key: only)
    }

    func publicKey(of key: String) async throws -> [UInt8] {
        guard let only = others[try resolve(key)]?.only else { throw Unprepared(call: "publicKey") }
        return try PrivateKey(pkcs8: only, isChecked: true).spki
    }

    func rotate(_ key: String) async throws -> String? {
        try effect("rotate") {
            materials = materials.map { material in
                switch material.state {
                case .current:
                    KMSMaterial(
                        id: material.id, state: .nonCurrent, description: material.description,
                        onDemand: material.onDemand)
                case .pendingRotation:
                    KMSMaterial(id: material.id, state: .current, description: material.description, onDemand: true)
                default: material
                }
            }
        }
        return request("rotate")
    }

    /// A ciphertext is its material's id, a line feed and the plaintext.
    func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8] {
        if isUnseen(.use) { throw NoSuchKey(key, at: "https://kms.example") }
        let arn = try resolve(key)
        var materials = others[arn]?.materials ?? materials
        if staleUses > 0, let before {
            staleUses -= 1
            materials = before.others[arn]?.materials ?? before.materials
        }
        let current = materials.first { $0.state == .current }?.id ?? ""
        return Array(current.utf8) + [UInt8(ascii: "\n")] + plaintext
    }

    func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted {
        guard let end = ciphertext.firstIndex(of: UInt8(ascii: "\n")) else { throw Unprepared(call: "decrypt") }
        let material = String(decoding: ciphertext[..<end], as: UTF8.self)
        guard (others[key]?.materials ?? materials).contains(where: { $0.id == material }) else {
            throw Unprepared(call: "decrypt with a key that did not encrypt it")
        }
        let plaintext = Array(ciphertext[(end + 1)...])
        return Decrypted(plaintext: decryptsOtherwise ? plaintext.reversed() : plaintext, material: material)
    }

    nonisolated var settlesWithin: Int { settling.withLock { $0 } }

    func target(of alias: String) async throws -> String? {
        let known: String?? = look { $0.aliases[alias] }
        return known ?? target
    }

    func settings(of key: String) async throws -> KeySettings {
        if isUnseen(.settings) { throw NoSuchKey(key, at: "https://kms.example") }
        guard let found = others[key]?.settings else { return Self.oldSettings }
        guard isUnseen(.tags) else { return found }
        return KeySettings(
            description: found.description, multiRegion: found.multiRegion, policy: found.policy, tags: [])
    }

    func grants(of key: String) async throws -> [PlanGrant] { grants }

    func keys(tagged tag: KeyTag) async throws -> TaggedKeys {
        guard blindSearches == 0 else {
            blindSearches -= 1
            return TaggedKeys(found: [], unreadable: unreadable)
        }
        let found = others.filter { $0.value.settings.tags.contains(tag) }.keys.sorted()
        return TaggedKeys(found: found, unreadable: unreadable)
    }

    func createKey(_ settings: KeySettings, keySpec: KeySpec, usage: KeyUsage) async throws -> CreateAnswer {
        let arn = Self.key + "-\(others.count + 1)"
        try effect("createKey") {
            let kept = KeySettings(
                description: (try? PercentEncoding.decode(settings.description)) ?? "",
                multiRegion: settings.multiRegion,
                policy: policyReadAs ?? (try? PercentEncoding.decode(settings.policy)) ?? "", tags: settings.tags)
            others[arn] = FakeKey(settings: kept, spec: createdAs ?? keySpec.rawValue, usage: usage.rawValue)
        }
        return CreateAnswer(key: arn, request: request("create"))
    }

    func createAlias(_ alias: String, for key: String) async throws -> String {
        try effect("createAlias") { aliases[alias] = key }
        return request("create-alias")
    }

    func updateAlias(_ alias: String, to key: String) async throws -> String {
        try effect("updateAlias") { aliases[alias] = key }
        return request("update-alias")
    }

    private func resolve(_ key: String, _ aliases: [String: String?]? = nil) throws -> String {
        let arn = key.hasPrefix("alias/") ? (aliases ?? self.aliases)[key] ?? target : key
        guard let arn, !missing.contains(arn) else { throw NoSuchKey(key, at: "https://kms.example") }
        return arn
    }

    private func change(_ key: String, _ change: (inout [KMSMaterial]) -> Void) {
        if others[key] == nil { change(&materials) } else { change(&others[key, default: FakeKey()].materials) }
    }

    private func request(_ name: String) -> String {
        let id = UUID().uuidString.lowercased()
        requests[name, default: []].append(id)
        return id
    }

    private func effect(_ call: String, _ happen: () -> Void) throws {
        let loss = lost.removeValue(forKey: call)
        if loss == .request { throw AnswerLost(call: call) }
        if let code = refused.removeValue(forKey: call) {
            throw ServiceRefused(
                code: code, request: request("refused"), what: "\(call) was refused with \(code)")
        }
        guard let left = allowed[call], left > 0 else { throw Unprepared(call: call) }
        allowed[call] = left - 1
        before = (materials, others, aliases)
        blindLooks = blindCalls.removeValue(forKey: call) ?? blindLooks
        happen()
        if loss == .answer { throw AnswerLost(call: call) }
    }
}

/// The key pairs of fetches, by their number: no two fetches of one service have the same. All tests have the same ones, which are
/// made when they are first asked for, since that takes a while.
private enum WrappingKeys {
    private static let made = Mutex<[RSAPrivateKey]>([])

    static func key(_ fetch: Int) throws -> RSAPrivateKey {
        try made.withLock { keys in
            while keys.count < fetch { keys.append(try RSAPrivateKey(bits: 2048)) }
            return keys[fetch - 1]
        }
    }
}

/// A key of origin EXTERNAL that waits for its first material, or has it.
struct FakeKey: Sendable {
    var settings = KeySettings(description: "", multiRegion: false, policy: "{}", tags: [])
    var materials: [KMSMaterial] = []
    var origin = "EXTERNAL"
    var spec = "SYMMETRIC_DEFAULT"
    var usage = "ENCRYPT_DECRYPT"
    /// The material of a key that never has another.
    var only: SecretBytes?
    /// Nil for what its materials make of it.
    var state: String?

    var keySpec: KeySpec? { KeySpec(rawValue: spec) }

    func described(as arn: String) -> KMSKey {
        KMSKey(
            arn: arn,
            state: state
                ?? (materials.isEmpty && only == nil || FakeKMS.isUnusable(materials) ? "PendingImport" : "Enabled"),
            origin: origin, spec: spec, usage: usage, multiRegion: settings.multiRegion,
            currentMaterial: materials.first { $0.state == .current }?.id)
    }
}

extension KMSMaterial {
    /// What KMS keeps of it after its deletion.
    var forgotten: KMSMaterial {
        KMSMaterial(id: id, state: state, description: description, onDemand: onDemand, isImported: false)
    }
}

extension [KMSMaterial] {
    fileprivate mutating func describe(_ id: String, as description: String, until expiry: Expiry) {
        self = map {
            $0.id == id
                ? KMSMaterial(
                    id: id, state: $0.state, description: description, onDemand: $0.onDemand, expiry: expiry) : $0
        }
    }
}
