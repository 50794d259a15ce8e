import Ceremony
import Evidence
import Testing

@Suite("What was approved in vain, since something voided the attempt before it was taken in, is on record")
struct ApprovedInVainTests {
    @Test(
        "by what people put on record",
        arguments: [
            Interjection.exception(by: "ada", what: "a draught", why: "the window", remedy: "it was shut"),
            .exhibit(by: "ada", name: "photo.jpg", what: "the window", bytes: [1]),
            .abort(by: "ada", reason: "the window"),
        ])
    func interjection(_ said: Interjection) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "ben")
        room.speakers.say(said)
        _ = try await room.engine().run()
        try await expectStated(room, ["ben authorize 1 approve"])
    }

    @Test("and a refusal beside it still is the last word on that attempt")
    func refusal() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "carol")
        try await room.sign(.authorize, as: "ben", .refuse(reason: "a draught"))
        room.speakers.say(.exception(by: "ada", what: "a draught", why: "the window", remedy: "it was shut"))
        _ = try await room.engine().run()
        try await expectStated(room, ["carol authorize 1 approve", "ben authorize 1 refuse"])
    }

    @Test("by the end of the hours that people have")
    func hours() async throws {
        let room = try await TestRoom.ready(TestRoom.definition(QuorumPolicy(approvalHours: 2), windowHours: 24))
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "ben")
        room.clock.set(TestRoom.now.advanced(bySeconds: 7201))
        _ = try await room.engine().run()
        try await expectStated(room, ["ben authorize 1 approve"])
    }

    @Test("by a subject that is not what people signed any more")
    func subject() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben")
        await room.kms.prepare { $0.policy = PolicyText("{}") }
        _ = try await room.engine().run()
        try await expectStated(room, ["ben release 1 approve"])
    }

    @Test("by wrapping keys that are fetched again, since their time is over")
    func fetch() async throws {
        let room = try await TestRoom.ready(TestRoom.definition(QuorumPolicy(), windowHours: 72))
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben")
        let late = TestRoom.now.advanced(bySeconds: 25 * 3600)
        room.clock.set(late)
        await room.kms.prepare { $0.now = late }
        _ = try await room.engine().run()
        try await expectStated(room, ["ben release 1 approve"])
    }

    /// At the gate that is open now, beyond what was counted at others; and the ceremony verifies at its end.
    private func expectStated(_ room: TestRoom, _ expected: [String]) async throws {
        let record = try await room.record()
        let open = try #require(record.gates.open?.statement)
        let counted = record.gates.passed.map(\.statement.gate)
        let decisions = open.decisions.filter { !counted.contains($0.gate) }
        #expect(decisions.map { "\($0.name) \($0.gate) \($0.attempt) \($0.decision)" } == expected)
        #expect(record.gates.open?.approvals.isEmpty == true)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        #expect(!(try await room.shellVerdict()).contains("too late to count"))
    }
}
