import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("A token that fails in the middle of a ceremony, and is mended")
struct TokenFaultTests {
    private static let report = "backup-2026.pdf"

    /// Where a token fails.
    struct Fault: Sendable, CustomStringConvertible {
        let call: String
        /// Whether the call had its effect by then.
        let isAfter: Bool
        /// The gate after which it is made to fail; nil for the first call of the ceremony.
        var gate: Gate?
        var retention = Retention.retain
        /// How often the token may be asked for the effect in all.
        var times = 1

        var description: String {
            "\(call) \(isAfter ? "after" : "before") its effect, from \(gate?.rawValue ?? "the start"), \(retention.rawValue)"
        }
    }

    private static let faults = [
        Fault(call: "selfTest", isAfter: false), Fault(call: "find", isAfter: false),
        Fault(call: "generate", isAfter: false), Fault(call: "generate", isAfter: true),
        Fault(call: "encrypt", isAfter: false), Fault(call: "find", isAfter: false, gate: .release),
        Fault(call: "encrypt", isAfter: false, gate: .release), Fault(call: "wrap", isAfter: false, gate: .release),
        // What is wrapped under one release and on no record may be wrapped again to the same keys.
        Fault(call: "wrap", isAfter: true, gate: .release, times: 2),
        Fault(call: "find", isAfter: false, gate: .activate), Fault(call: "encrypt", isAfter: false, gate: .activate),
        Fault(call: "removeCheckUsage", isAfter: false, gate: .activate),
        Fault(call: "removeCheckUsage", isAfter: true, gate: .activate),
        Fault(call: "lock", isAfter: false, gate: .activate, retention: .lock),
        Fault(call: "lock", isAfter: true, gate: .activate, retention: .lock),
        Fault(call: "destroy", isAfter: false, gate: .activate, retention: .destroy),
        Fault(call: "destroy", isAfter: true, gate: .activate, retention: .destroy),
    ]

    private func room(_ retention: Retention, spec: KeySpec = .symmetric) async throws -> TestRoom {
        let custody = retention == .retain ? Custody() : Custody(retention: retention, backup: Self.report)
        let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
        let key =
            spec == .symmetric
            ? DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true, custody: custody)
            : DefinedKey(alias: nil, key: fresh, strategy: .import, proof: true, custody: custody)
        let definition = Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"), keys: [key])
        let room = try await TestRoom.ready(definition) { kms in
            guard spec != .symmetric else { return }
            kms.others[fresh] = FakeKey(spec: spec.rawValue, usage: spec.usages[0].rawValue)
        }
        guard retention != .retain else { return room }
        let slot = try #require(try await room.record().plan.slots.first).slot
        room.speakers.say(.exhibit(by: "ada", name: Self.report, what: "a restored backup", bytes: [1]))
        room.speakers.say(
            .exception(by: "ada", what: "\(retention.rawValue) \(slot)", why: "as planned", remedy: "the backup"))
        return room
    }

    /// As far as a gate, which is signed.
    private func pass(_ gate: Gate, in room: TestRoom) async throws {
        try await room.advance(to: gate)
        for name in ["ben", "carol"] { try await room.sign(gate, as: name) }
    }

    /// The kinds of the lines but for those that say that a run began.
    private func kinds(of room: TestRoom) async throws -> [EventKind] {
        try await room.record().transcript.lines.map(\.event.kind).filter { $0 != .runStarted }
    }

    @Test(
        "a key that is gone when it is to be settled is said to be so, and the way on is an exception, the end and the close"
    )
    func goneAtSettle() async throws {
        let room = try await room(.retain)
        try await room.advance(until: .rotate)
        let label = try await room.record().plan.slots[0].label
        await room.hsm.prepare { $0.forget(label: label) }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what == "The token 0001 has no key labelled \(label) any more")
        #expect(error?.remedy.hasPrefix("What KMS has of it stays as it is.") == true)
        #expect(error?.remedy.contains("put on record as an exception (^X) that it is gone") == true)
        // Just that.
        room.speakers.say(.exception(by: "ada", what: "the HSM key is gone", why: "unknown", remedy: "it is examined"))
        room.speakers.say(.abort(by: "ada", reason: "the HSM key is gone"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().exceptions.count == 1)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "of two keys with one label, or one id, both are named, and neither is used; without the other it goes on",
        arguments: [Gate.release, .activate])
    func twoKeys(_ gate: Gate) async throws {
        let room = try await room(.retain)
        try await pass(gate, in: room)
        let (label, id) = (try await room.record().plan.slots[0].label, try await room.record().plan.slots[0].id)
        let other = HSMKey(label: label, id: String(repeating: "ab", count: 16), attributes: [])
        await room.hsm.prepare { $0.strangers = [other] }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.what == "The token has 2 objects where it is to have one key, labelled \(label), with the id \(id): "
                + "\(label) with the id \(other.id), \(label) with the id \(id)")
        #expect(error?.remedy.hasPrefix("Neither is released or used. Find out who made what is too much") == true)
        await room.hsm.prepare { $0.strangers = [] }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "the run ends with what failed and nobody logged in; the next goes on, and the record is an undisturbed one's",
        arguments: [Retention.retain, .lock, .destroy])
    func goesOn(_ retention: Retention) async throws {
        let undisturbed = try await room(retention)
        try await undisturbed.advance()
        let expected = try await kinds(of: undisturbed)
        for fault in Self.faults where fault.retention == retention {
            let room = try await room(retention)
            if let gate = fault.gate { try await pass(gate, in: room) }
            await room.hsm.prepare {
                $0.failing[fault.call] = fault.isAfter
                if fault.times > 1 { $0.allowed[fault.call] = fault.times }
            }
            await #expect(throws: TokenFailed(call: fault.call), "\(fault)") { try await room.advance() }
            // What is later is disturbed by nothing.
            let end: Gate? = fault.gate == nil ? .release : fault.gate == .release ? .activate : nil
            try await room.advance(to: end)
            let kinds = try await kinds(of: room)
            #expect(kinds == Array(expected.prefix(kinds.count)), "\(fault)")
            #expect(await room.hsm.allowed["generate"] == 0, "\(fault)")
            #expect(await room.hsm.allowed["wrap"] == (end == .release ? 1 : 0), "\(fault)")
            if end == nil { #expect(try room.verdict() == .verified, "\(fault)") }
        }
    }

    @Test("a lock that stopped half-way is carried to its end, though the key cannot be asked any more which it is")
    func halfLocked() async throws {
        let room = try await room(.lock)
        await room.hsm.prepare {
            $0.locksHalf = true
            $0.allowed["lock"] = 2
        }
        await #expect(throws: TokenFailed(call: "lock")) { try await room.advance() }
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
        let settled = try #require(try await room.record().slots["payments"]?.settled)
        #expect(settled.attributes.contains(AttributeSetting("CKA_EXTRACTABLE", "false")))
    }

    @Test("a half-locked key that is otherwise than it was made is left alone")
    func halfLockedOther() async throws {
        let room = try await room(.lock)
        await room.hsm.prepare { $0.locksHalf = true }
        await #expect(throws: TokenFailed(call: "lock")) { try await room.advance() }
        await room.hsm.prepare { $0.change(AttributeSetting("CKA_SENSITIVE", "false")) }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("CKA_SENSITIVE false for true") == true, "\(String(describing: error))")
        #expect(try await room.record().slots["payments"]?.settled == nil)
    }

    @Test("a pair that was to be destroyed and is still there is destroyed by the next run, not taken for settled")
    func pairLeft() async throws {
        let room = try await room(.destroy, spec: .p256)
        await room.hsm.prepare { $0.failing["destroy"] = false }
        await #expect(throws: TokenFailed(call: "destroy")) { try await room.advance() }
        #expect(try await room.advance() == .closed)
        #expect(await room.hsm.allowed["destroy"] == 0)
        #expect(try room.verdict() == .verified)
    }

    @Test("half of a pair is not adopted; once it is removed, one whole pair is generated")
    func halfPair() async throws {
        let room = try await room(.retain, spec: .p256)
        await room.hsm.prepare { $0.failing["generate"] = false }
        await #expect(throws: TokenFailed(call: "generate")) { try await room.advance() }
        let slot = try #require(try await room.record().plan.slots.first)
        let half = HSMKey(label: slot.label, id: slot.id, attributes: [])
        await room.hsm.prepare { $0.strangers = [half] }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error
                == CeremonyError(
                    .state,
                    "The token has one half of the key pair for \(slot.slot), labelled \(slot.label), and not the other",
                    remedy: "Remove that object with the vendor's tool, then run again: a whole pair is generated"))
        #expect(await room.hsm.allowed["generate"] == 1)
        await room.hsm.prepare { $0.strangers = [] }
        #expect(try await room.advance() == .closed)
        #expect(await room.hsm.allowed["generate"] == 0)
    }
}
