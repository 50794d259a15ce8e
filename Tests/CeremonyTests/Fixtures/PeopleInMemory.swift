import Ceremony
import CryptoPrimitives
import Evidence

/// A roster whose people's keys are in this process's memory: they sign without a program.
struct PeopleInMemory: Sendable {
    /// The same for all tests.
    static let all = Result { try PeopleInMemory() }

    let roster: Roster
    /// The roster as all of them accepted it.
    let rosterFiles: [String: [UInt8]]
    private let signers: [String: MemorySigner]

    private init() throws {
        let signers = try Dictionary(uniqueKeysWithValues: TestRoom.people.map { ($0.name, try MemorySigner()) })
        let members = TestRoom.people.map { person in
            Member(
                name: person.name, role: person.role, key: signers[person.name].map { $0.line } ?? "",
                validFrom: TestRoom.now.advanced(bySeconds: -3600),
                validUntil: TestRoom.now.advanced(bySeconds: 72 * 3600))
        }
        let custodians = [GateRequirement(role: .custodian, count: 2)]
        roster = Roster(
            mode: .rehearsal, members: members,
            rules: GateRules(
                authorize: custodians, release: custodians, activate: custodians,
                close: custodians + [GateRequirement(role: .witness, count: 1)], change: custodians))
        let bytes = try roster.json()
        var files = [Roster.path: bytes]
        for member in members {
            files[Roster.acceptancePath(of: member)] = try signers[member.name]?.signature(
                bytes, namespace: roster.mode.rosterNamespace)
        }
        rosterFiles = files
        self.signers = signers
    }

    func signer(_ name: String) throws -> MemorySigner {
        guard let signer = signers[name] else { throw Unprepared(call: "a signature of \(name)") }
        return signer
    }
}

/// Signs as a participant's token does, with a P-256 key in memory.
struct MemorySigner: SignerPort {
    private let key: PrivateKey
    private let publicKey: P256PublicKey

    init() throws {
        key = try PrivateKey(generating: .ec(.p256))
        publicKey = try P256PublicKey(point: Array(key.spki.suffix(65)))
    }

    /// The public key as a roster has it.
    var line: String { SSHPublicKey.ecdsaP256(publicKey).line }

    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try signature(message, namespace: namespace)
    }

    func signature(_ message: [UInt8], namespace: String) throws -> [UInt8] {
        let signed = SSHSignature.bytesToSign(message: message, namespace: namespace)
        let made = try P256Signature(
            der: try key.sign(digest: SHA256Digest(of: signed).bytes, scheme: .ecdsa(.sha256)))
        return try SSHSignature(ecdsaP256: made.r + made.s, key: publicKey, namespace: namespace).armored
    }
}
