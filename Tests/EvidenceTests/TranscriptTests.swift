import CryptoPrimitives
import Evidence
import TestSupport
import Testing

@Suite("The transcript's chain")
struct TranscriptTests {
    /// Lines that say nothing of interest.
    private static func lines(_ count: Int) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for number in 0..<count {
            let transcript = try Transcript(parsing: Array(lines.joined()))
            let event = Event.selfTestIntended(SelfTestIntended(token: "\(number)"))
            lines.append(try transcript.next(event, at: Timestamp(epochSeconds: 1), host: "h").bytes)
        }
        return lines
    }

    @Test("each line has its number, and the SHA-256 of the line before it, LF included")
    func chain() async throws {
        let lines = try Self.lines(3)
        let transcript = try Transcript(parsing: Array(lines.joined()))
        #expect(transcript.lines.map(\.seq) == [1, 2, 3])
        #expect(transcript.lines[0].prev == String(repeating: "0", count: 64))
        let sum = try await runProcess(["sha256sum"], input: lines[0])
        #expect(Array(transcript.lines[1].prev.utf8) == Array(sum.stdout.prefix(64)))
        #expect(transcript.anchor == Anchor(seq: 3, head: SHA256Digest(of: lines[2]).hex))
    }

    @Test("no lines are a transcript, whose anchor is its beginning")
    func empty() throws {
        #expect(try Transcript(parsing: []).anchor == Anchor(seq: 0, head: Transcript.genesis))
    }

    @Test("a chain that does not hold is refused at its first line that does not")
    func broken() throws {
        let lines = try Self.lines(4)
        var other = lines[1]
        other[other.count / 2] ^= 1
        let cases: [([[UInt8]], Int, String)] = [
            ([lines[0], lines[2], lines[3]], 2, "its number is 3"),
            ([lines[1]], 1, "its number is 2"),
            ([lines[0], lines[2], lines[1], lines[3]], 2, "its number is 3"),
            ([lines[0], lines[0], lines[1]], 2, "its number is 1"),
            ([lines[0], lines[1], lines[2], Array(lines[3].dropLast())], 4, "cut off"),
            ([lines[0], [UInt8(ascii: "\n")], lines[1]], 2, ""),
            ([lines[0], Array(" ".utf8) + lines[1]], 2, ""),
        ]
        for (changed, line, reason) in cases {
            let error = #expect(throws: EvidenceError.self) { try Transcript(parsing: Array(changed.joined())) }
            #expect(error?.path == Transcript.path && error?.line == line, "\(String(describing: error))")
            #expect(error?.reason.contains(reason) == true || reason.isEmpty)
        }
    }

    @Test("a line that another was exchanged for is refused at the next, which does not follow from it")
    func exchanged() throws {
        let lines = try Self.lines(3)
        let event = Event.selfTestIntended(SelfTestIntended(token: "other"))
        let other = try Transcript(parsing: lines[0]).next(event, at: Timestamp(epochSeconds: 1), host: "h").bytes
        let error = #expect(throws: EvidenceError.self) { try Transcript(parsing: lines[0] + other + lines[2]) }
        #expect(error?.description == "transcript.jsonl:3: it does not follow from the line before it")
    }

    @Test("the last line of all has the time and host of the line before it")
    func closing() throws {
        let transcript = try Transcript(parsing: Array(try Self.lines(2).joined()))
        let closed = Event.closed(Closed(manifest: SHA256Digest(of: [])))
        let line = try transcript.next(closed, at: Timestamp(epochSeconds: 99), host: "other").line
        #expect(line.at == Timestamp(epochSeconds: 1) && line.host == "h")
    }
}
