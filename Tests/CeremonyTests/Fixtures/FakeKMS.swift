import Ceremony
import CryptoPrimitives
import Evidence

/// One external key in memory, which truly unwraps. It fails when an effect is asked of it more often than a test allows.
actor FakeKMS: KMSPort {
    /// What becomes of one call whose answer is lost.
    enum Loss: Sendable {
        /// It had its effect.
        case answer
        /// It never arrived.
        case request
    }

    /// How often each effect may still be asked for.
    var allowed = ["import": 1, "prove": 1, "rotate": 1]
    /// Calls that are lost, once each.
    var lost: [String: Loss] = [:]
    /// Calls that KMS refuses, once each, by the error's name.
    var refused: [String: String] = [:]
    var materials = [KMSMaterial(id: "old", state: .current, description: nil, onDemand: false)]
    var policy = SHA256Digest(of: [1])
    /// What every alias resolves to.
    var target = key

    static let key = "arn:aws:kms:eu-central-1:111122223333:key/1"
    private let wrapping: RSAPrivateKey
    private(set) var fetches = 0
    /// The fetch, counted from 1, that brings no answer.
    var lostFetch: Int?

    init() throws { wrapping = try RSAPrivateKey(bits: 2048) }

    func prepare(_ change: @Sendable (isolated FakeKMS) -> Void) { change(self) }

    func callerIdentity() async throws -> CallerIdentity {
        CallerIdentity(arn: "arn:aws:iam::111122223333:user/x", account: "111122223333", time: nil)
    }

    func describe(_ key: String) async throws -> KMSKey {
        KMSKey(
            arn: target, state: "Enabled", origin: "EXTERNAL", spec: "SYMMETRIC_DEFAULT", multiRegion: false,
            currentMaterial: materials.first { $0.state == .current }?.id)
    }

    func materials(of key: String) async throws -> [KMSMaterial] { materials }

    func policyDigest(of key: String) async throws -> SHA256Digest { policy }

    func importParameters(of key: String, keySpec: String) async throws -> ImportParameters {
        fetches += 1
        if fetches == lostFetch { throw Unprepared(call: "importParameters") }
        return ImportParameters(
            publicKey: wrapping.publicKey.spki, token: Array("token \(fetches)".utf8),
            validUntil: TestRoom.now.advanced(bySeconds: 24 * 3600), request: "fetch-\(fetches)", tlsLeaf: nil)
    }

    func importMaterial(_ request: ImportRequest) async throws -> ImportAnswer {
        let plain = try wrapping.decryptOAEP(request.blob, hash: .sha256)
        let id = plain.withUnsafeBytes { SHA256Digest(of: $0).hex }
        switch request.kind {
        case .new:
            try effect("import") {
                materials.append(
                    KMSMaterial(id: id, state: .pendingRotation, description: request.description, onDemand: false))
            }
        case .existing(let material):
            guard material == id else { throw Unprepared(call: "a proof of other material") }
            try effect("prove") { replace(material, description: request.description) }
        }
        return ImportAnswer(material: id, request: "import-\(materials.count)")
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
        return "rotate-1"
    }

    /// A ciphertext is its material's id, a line feed and the plaintext.
    func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8] {
        let current = materials.first { $0.state == .current }?.id ?? ""
        return Array(current.utf8) + [UInt8(ascii: "\n")] + plaintext
    }

    func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted {
        guard let end = ciphertext.firstIndex(of: UInt8(ascii: "\n")) else { throw Unprepared(call: "decrypt") }
        return Decrypted(
            plaintext: Array(ciphertext[(end + 1)...]), material: String(decoding: ciphertext[..<end], as: UTF8.self))
    }

    private func replace(_ id: String, description: String) {
        materials = materials.map {
            $0.id == id
                ? KMSMaterial(id: id, state: $0.state, description: description, onDemand: $0.onDemand) : $0
        }
    }

    private func effect(_ call: String, _ happen: () -> Void) throws {
        let loss = lost.removeValue(forKey: call)
        if loss == .request { throw AnswerLost(call: call) }
        if let code = refused.removeValue(forKey: call) {
            throw ServiceRefused(code: code, request: "refused-1", what: "\(call) was refused with \(code)")
        }
        guard let left = allowed[call], left > 0 else { throw Unprepared(call: call) }
        allowed[call] = left - 1
        happen()
        if loss == .answer { throw AnswerLost(call: call) }
    }
}
