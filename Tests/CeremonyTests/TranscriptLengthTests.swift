import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("A transcript is ended before it is longer than the verifiers read")
struct TranscriptLengthTests {
    private static let going: [Event] = [
        .note(Note(by: "ada", text: "one more")),
        .exception(Deviation(by: "ada", what: "x", why: "y", remedy: "z")),
        .selfTestIntended(SelfTestIntended(token: "1")),
    ]
    private static let ending: [Event] = [
        .aborted(Aborted(by: "ada", reason: "it is too long")), .settled(Settled(slot: "payments", attributes: [])),
        .closed(Closed(manifest: SHA256Digest(of: [1]))),
    ]

    @Test("what goes on is refused 1,000 lines before, and told that the ceremony is to be aborted", arguments: going)
    func goesOn(event: Event) throws {
        try TranscriptLength.requireRoom(for: event, after: 48_999)
        let error = #expect(throws: CeremonyError.self) {
            try TranscriptLength.requireRoom(for: event, after: 49_000)
        }
        #expect(error?.what.contains("its transcript has 49000 lines, and may have 50000") == true)
        #expect(error?.remedy.contains("Abort it") == true)
    }

    @Test("what ends it, and what came of what was intended, has room up to the last line", arguments: ending)
    func ends(event: Event) throws {
        try TranscriptLength.requireRoom(for: event, after: 49_999)
        #expect(throws: CeremonyError.self) { try TranscriptLength.requireRoom(for: event, after: 50_000) }
    }
}
