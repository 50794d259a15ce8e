import CryptoPrimitives
import Evidence
import Testing

@Suite("A line that breaks a rule of the two hosts is refused, with the rule it breaks")
struct GapRecordTests {
    private static let digest = SHA256Digest(of: [7])
    private static let note = Event.note(Note(by: "ben", text: "so"))
    private static let test = Event.selfTestIntended(SelfTestIntended(token: FakeHSM.token.serial))
    private static let fetch = Event.fetchIntended(
        FetchIntended(slot: "payments", purpose: .import, caller: CeremonyEnvironment.example.aws.caller))
    private static let abort = Event.aborted(Aborted(by: "ben", reason: "so"))
    private static let receipt = Event.received(Received(number: 1, handover: digest, signature: digest))

    @Test("in the turn of the desk")
    func connected() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        // As it was before it was handed over.
        let record = try await gap.room.replayed(dropping: 1)
        let certificate = try #require(record.plan.gap?.sealingDigest)
        let retention = try #require(record.plan.slots.first?.retention)
        for (event, host, reason) in [
            (Self.note, "vault", "it was written by a host whose turn it was not"),
            (Self.note, "host", "it was written by a host whose turn it was not"),
            (Self.test, "desk", "it is for the other host to do"),
            (
                .settleIntended(SettleIntended(slot: "payments", retention: retention)), "desk",
                "it is for the other host to do"
            ),
            (.wrapAbandoned(WrapAbandoned(release: 1)), "desk", "it is for the other host to do"),
            (.handedOver(HandedOver(number: 2, to: "vault")), "desk", "it is not the next hand-over"),
            (
                .handedOver(HandedOver(number: 1, to: "desk")), "desk",
                "it was handed over to another host than the plan's"
            ),
            (Self.receipt, "desk", "the receipt of what was not handed over"),
            (
                .sealingDestroyIntended(SealingDestroyed(certificate: certificate)), "desk",
                "the sealing key went before all was activated"
            ),
            (
                .sealingDestroyed(SealingDestroyed(certificate: certificate)), "desk",
                "the result sealing-destroyed of something not intended"
            ),
        ] as [(Event, String, String)] {
            var copy = record
            copy.expectRefusal(of: event, by: host, reason)
        }
        var intended = record
        try intended.take(Self.fetch, by: "desk")
        intended.expectRefusal(
            of: .handedOver(HandedOver(number: 1, to: "vault")), by: "desk",
            "it was handed over while an effect had no result")
    }

    @Test("while the folder is carried, and before the vault has looked around")
    func carried() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        var record = try await gap.room.replayed(dropping: 0)
        for (event, host, reason) in [
            (Self.note, "desk", "it was written while the folder was carried"),
            (Self.note, "vault", "it was written while the folder was carried"),
            (Self.abort, "desk", "it was written while the folder was carried"),
            (Self.receipt, "desk", "it was received by another host"),
            (
                .received(Received(number: 2, handover: Self.digest, signature: Self.digest)), "vault",
                "the receipt of what was not handed over"
            ),
        ] as [(Event, String, String)] {
            var copy = record
            copy.expectRefusal(of: event, by: host, reason)
        }
        let folder = gap.room.folder
        let (document, signature) = (try folder.read(Handover.path(1)), try folder.read(Handover.signaturePath(1)))
        try record.take(
            .received(
                Received(
                    number: 1, handover: SHA256Digest(of: document), signature: SHA256Digest(of: signature))),
            by: "vault", folder: folder)
        for event in [Self.note, Self.abort, Self.test, .handedOver(HandedOver(number: 2, to: "desk"))] {
            var copy = record
            copy.expectRefusal(of: event, by: "vault", "it was written before this turn's run saw what is around it")
        }
        let environment = record.plan.environment
        let here = environment.programs.filter { $0.host == "vault" }
        for (seen, isTaken) in [
            (environment.seen(from: .hsm, programs: here), true),
            (environment.seen(from: .connected, programs: here), false),
            (environment.seen(from: nil, programs: here), false),
            (environment.seen(from: .hsm, programs: environment.programs), false),
            (environment.seen(from: .hsm, programs: here + here), false),
            (environment.seen(from: .hsm, programs: []), false),
        ] {
            var copy = record
            let run = Event.runStarted(
                RunStarted(
                    ceremony: record.plan.ceremony, plan: record.planDigest, roster: record.rosterDigest,
                    environment: seen))
            if isTaken {
                try copy.take(run, by: "vault")
                copy.expectRefusal(of: Self.fetch, by: "vault", "it is for the other host to do")
                try copy.take(Self.test, by: "vault")
            } else {
                copy.expectRefusal(of: run, by: "vault", "it ran in other surroundings than the plan's")
            }
        }
    }

    @Test("what was aborted may still be handed over, and be closed at either host; no effect may follow")
    func aborted() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        var record = try await gap.room.replayed(dropping: 1)
        let certificate = try #require(record.plan.gap?.sealingDigest)
        try record.take(Self.abort, by: "desk")
        record.expectRefusal(
            of: .sealingDestroyIntended(SealingDestroyed(certificate: certificate)), by: "desk",
            "the ceremony was aborted before it")
        #expect(record.nextGate == .close)
        try record.take(.handedOver(HandedOver(number: 1, to: "vault")), by: "desk")
        #expect(record.turns.carried?.to == "vault")
    }
}

extension Record {
    /// Takes in the line that would come next, by this host.
    fileprivate mutating func take(_ event: Event, by host: String, folder: MemoryFolder = MemoryFolder()) throws {
        let (line, bytes) = try transcript.next(event, at: TestRoom.now, host: host)
        try apply(line, digest: SHA256Digest(of: bytes), folder: folder)
    }

    fileprivate mutating func expectRefusal(
        of event: Event, by host: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: EvidenceError.self, sourceLocation: sourceLocation) { try take(event, by: host) }
        #expect(error?.path == Transcript.path, sourceLocation: sourceLocation)
        #expect(error?.reason == reason, sourceLocation: sourceLocation)
    }
}
