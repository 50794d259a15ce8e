import Evidence
import TestSupport
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test("Times are written as date(1) writes them, and read back", arguments: [7, 8] as [UInt64])
    func asDate(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let last: Int64 = 253_402_300_799
        var seconds: [Int64] = [0, 1, 86_399, 86_400, 951_782_399, 951_782_400, 951_868_800, 4_107_542_400, last]
        for _ in 0..<2000 { seconds.append(.random(in: 0...last, using: &random)) }
        let times = seconds.map(Timestamp.init(epochSeconds:))
        let input = seconds.map { "@\($0)\n" }.joined()
        let answer = try await runProcess(
            ["date", "-u", "-f", "-", "+%Y-%m-%dT%H:%M:%SZ %Y%m%d%H%M%SZ"], input: Array(input.utf8))
        let expected = String(decoding: answer.stdout, as: UTF8.self)
        #expect(expected == times.map { "\($0) \($0.sshForm)\n" }.joined())
        for time in times { #expect(Timestamp(time.description) == time) }
    }

    @Test(
        "Any other form, and a moment that the calendar has not, is refused",
        arguments: [
            "", "2026-11-23", "2026-11-23T18:33:00", "2026-11-23T18:33:00z", "2026-11-23t18:33:00Z",
            "2026-11-23 18:33:00Z", "2026-11-23T18:33:00.0Z", "2026-11-23T18:33:00+00:00", "2026-11-23T18:33:00ZZ",
            "2026-11-23T18:33:00Z\n", " 2026-11-23T18:33:00Z", "2026-1-23T18:33:00Z", "2026-11-23T8:33:00Z",
            "2026/11/23T18:33:00Z", "20261123183300Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-23T24:00:00Z",
            "2026-11-23T18:60:00Z", "2026-12-31T23:59:60Z", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
            "-2026-11-23T18:33:00Z", "+2026-11-23T18:33:00Z", "2100-02-29T00:00:00Z", "2026-11-23T18:33:-1Z",
            "99999999999999999999-01-01T00:00:00Z", "2026-11-23T18:33:00\u{7A}", "\u{FF12}026-11-23T18:33:00Z",
        ])
    func refused(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("A time stays within the years that can be written")
    func ends() {
        #expect(Timestamp(epochSeconds: .min).description == "1970-01-01T00:00:00Z")
        #expect(Timestamp(epochSeconds: .max).description == "9999-12-31T23:59:59Z")
    }

    @Test("In evidence a time is text, in its one form")
    func coded() throws {
        let time = try #require(Timestamp("2026-11-23T18:33:00Z"))
        #expect(time.epochSeconds == 1_795_458_780)
        #expect(try CanonicalJSON.encode([time]) == Array(#"["2026-11-23T18:33:00Z"]"#.utf8))
        #expect(try CanonicalJSON.decode([Timestamp].self, from: Array(#"["2026-11-23T18:33:00Z"]"#.utf8)) == [time])
        let error = #expect(throws: CanonicalJSONError.self) {
            try CanonicalJSON.decode([Timestamp].self, from: Array(#"["2026-11-23"]"#.utf8))
        }
        #expect(error?.path == "$[0]" && error?.reason == "a time is written YYYY-MM-DDThh:mm:ssZ")
    }
}
