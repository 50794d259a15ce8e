import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("How each HSM key is held: trusted wrapping, and keys that are locked or destroyed afterwards")
struct CustodyTests {
    private static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
    private static let report = "backup-2026.pdf"

    private static func definition(_ custody: Custody, _ strategy: Strategy = .rotate) -> Definition {
        Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: [DefinedKey(alias: "alias/payments", strategy: strategy, proof: true, custody: custody)])
    }

    private static func room(_ retention: Retention, spec: KeySpec = .symmetric) async throws -> TestRoom {
        let custody = Custody(retention: retention, backup: report)
        guard spec != .symmetric else { return try await TestRoom.ready(definition(custody)) }
        let definition = Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: [DefinedKey(alias: nil, key: fresh, strategy: .import, proof: true, custody: custody)])
        return try await TestRoom.ready(definition) { kms in
            kms.others[fresh] = FakeKey(spec: spec.rawValue, usage: spec.usages[0].rawValue)
        }
    }

    private static func exception(_ what: String) -> Interjection {
        .exception(by: "ada", what: what, why: "the regulator wants it", remedy: "a backup was restored")
    }

    private static let exhibit = Interjection.exhibit(
        by: "ada", name: report, what: "a restored backup", bytes: Array("report".utf8))

    private static func advance(_ room: TestRoom, _ interjections: Interjection...) async throws -> Outcome {
        for interjection in interjections { room.speakers.say(interjection) }
        return try await room.advance()
    }

    @Test(
        "a key is locked or destroyed once a backup is on record and an exception that the quorum of activate signs",
        arguments: [Retention.lock, .destroy], [KeySpec.symmetric, .p256])
    func notRetained(_ retention: Retention, spec: KeySpec) async throws {
        let room = try await Self.room(retention, spec: spec)
        let slot = try #require(try await room.record().plan.slots.first)
        // What is missing is said, one after the other, before anybody is asked to sign activate.
        let first = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(first?.what.contains("the exhibit backup-2026.pdf") == true)
        let second = await #expect(throws: CeremonyError.self) { try await Self.advance(room, Self.exhibit) }
        #expect(second?.what.contains("in just these words: \(retention.rawValue) \(slot.slot)") == true)
        // What follows the words might say the contrary of them.
        let third = await #expect(throws: CeremonyError.self) {
            try await Self.advance(room, Self.exception("\(retention.rawValue) \(slot.slot) is not what we want"))
        }
        #expect(third == second)
        let outcome = try await Self.advance(room, Self.exception("\(retention.rawValue) \(slot.slot)"))
        #expect(outcome == .closed)
        try await room.expectBothSay("VERIFIED")

        let record = try await room.record()
        guard case .activate(let subject)? = record.gates.statement(of: .activate)?.subject else {
            Issue.record("activate was not passed")
            return
        }
        #expect(subject.slots.map(\.backup) == [SHA256Digest(of: Array("report".utf8))])
        #expect(record.gates.statement(of: .activate)?.exceptions.count == 2)
        let left = try await room.hsm.find(label: slot.label, id: slot.id)
        try await room.hsm.leave()
        #expect(left.isEmpty == (retention == .destroy))
        let settled = try #require(record.slots[slot.slot]?.settled)
        if retention == .destroy {
            #expect(settled.attributes == [])
        } else {
            #expect(settled.attributes.contains(AttributeSetting("CKA_EXTRACTABLE", "false")))
            #expect(await room.hsm.allowed["removeCheckUsage"] == 1)
        }
    }

    @Test("a destroyed key whose answer was lost is found gone, and nothing is destroyed twice")
    func lostDestroy() async throws {
        let room = try await Self.room(.destroy)
        await room.hsm.prepare { $0.losesDestroy = true }
        let slot = try #require(try await room.record().plan.slots.first)
        #expect(
            try await Self.advance(room, Self.exhibit, Self.exception("destroy \(slot.slot)")) == .closed)
        #expect(await room.hsm.allowed["destroy"] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a token that says it destroyed a key and keeps it stops the ceremony")
    func keptKey() async throws {
        let room = try await Self.room(.destroy)
        await room.hsm.prepare { $0.keepsDestroyed = true }
        let error = await #expect(throws: CeremonyError.self) {
            try await Self.advance(room, Self.exhibit, Self.exception("destroy payments"))
        }
        #expect(error?.what == "The token destroyed the key of payments, and has it still")
        #expect(try await room.record().slots["payments"]?.settled == nil)
    }

    @Test("nothing is wrapped under a key that the security officer has not had the token trust")
    func untrusted() async throws {
        let room = try await TestRoom.ready(Self.definition(Custody(trustedWrapping: true)))
        let labels = try await room.record().plan.slots.flatMap { slot in
            slot.purposes.map(slot.wrappingKeyLabel(for:))
        }
        try await room.advance(to: .release)
        await room.hsm.prepare { $0.trusts = [labels[0]] }
        for name in ["ben", "carol"] { try await room.sign(.release, as: name) }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what == "\(labels[1]) is not trusted")
        #expect(await room.hsm.allowed["wrap"] == 1)
        await room.hsm.prepare { $0.trusts = Set(labels) }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        let record = try await room.record()
        for case .wrapped(let wrapped) in record.transcript.lines.map(\.event) {
            #expect(wrapped.blobs.map(\.trusted) == [true, true])
        }
        #expect(
            record.slots["payments"]?.generated?.attributes.contains(AttributeSetting("CKA_WRAP_WITH_TRUSTED", "true"))
                == true)
    }

    @Test("custody that a key cannot have is refused where it is written")
    func refused() async throws {
        let room = try await TestRoom.ready()
        let cases: [(Custody, String)] = [
            (Custody(retention: .destroy), "keys[0].retention: an HSM key is retained, or there is a backup"),
            (Custody(backup: "a.pdf"), "keys[0].retention: an HSM key is retained, or there is a backup"),
            (Custody(retention: .lock, backup: "../x"), "keys[0].backup: ../x is not a name for an exhibit"),
        ]
        for (custody, message) in cases {
            let error = #expect(throws: CeremonyError.self) { try Self.definition(custody).validate() }
            #expect(error?.kind == .invalidInput)
            #expect(error?.what.contains(message) == true, "\(String(describing: error))")
        }
        let pair = Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: [
                DefinedKey(
                    alias: nil, key: Self.fresh, strategy: .import, proof: true,
                    custody: Custody(trustedWrapping: true))
            ])
        await room.kms.prepare { $0.others[Self.fresh] = FakeKey(spec: "ECC_NIST_P256", usage: "SIGN_VERIFY") }
        let ofPair = await #expect(throws: CeremonyError.self) { try await room.freeze(pair) }
        #expect(ofPair?.what.contains("keys[0].trustedWrapping: ") == true, "\(String(describing: ofPair))")
        let everywhere = Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: [
                DefinedKey(
                    alias: "alias/payments", strategy: .replace, proof: true, changes: KeyChanges(multiRegion: true),
                    custody: Custody(retention: .lock, backup: "a"))
            ])
        let ofReplicas = await #expect(throws: CeremonyError.self) { try await room.freeze(everywhere) }
        #expect(ofReplicas?.what.contains("keys[0].retention: ") == true, "\(String(describing: ofReplicas))")
    }

    @Test("what the examination before the first key warned of stands in the release that people sign")
    func warnings() async throws {
        let room = try await TestRoom.ready()
        let weak = RecordedFinding(check: "wrap with trusted only", result: .warn, detail: "it is ignored")
        await room.hsm.prepare { $0.findings += [weak, RecordedFinding(check: "x", result: .unknown, detail: "y")] }
        try await room.advance(to: .release)
        guard case .release(let subject)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("no release is open")
            return
        }
        #expect(subject.warnings == [weak, FixedEnvironment.weakness])
        try await room.expectBothSay("NOT CLOSED")
    }
}
