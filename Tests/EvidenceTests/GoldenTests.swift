import CryptoPrimitives
import Evidence
import Foundation
import Testing

/// What was written once must be read for ever: evidence is kept for longer than the program that wrote it.
///
/// Whoever has to change a golden file changes a format: its schema gets another number, and ceremony/formats.md says so.
@Suite("Evidence that was written before is still read, byte for byte")
struct GoldenTests {
    private static let here = URL(filePath: #filePath).deletingLastPathComponent()
    private static let example = here.appending(path: "../../ceremony/example").standardizedFileURL

    @Test("a line of every kind means what it meant")
    func lines() throws {
        let bytes = [UInt8](try Data(contentsOf: Self.here.appending(path: "Golden/lines.jsonl")))
        var kinds: Set<EventKind> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let read = try CanonicalJSON.decode(JournalLine.self, from: Array(line))
            #expect(try CanonicalJSON.encode(read) == Array(line))
            kinds.insert(read.event.kind)
        }
        #expect(kinds == Set(EventKind.allCases), "a kind of line has no golden one")
    }

    @Test("the example's documents are read, and written again as they were")
    func documents() throws {
        try expectSame("roster.json") { try Roster(json: $0).json() }
        try expectSame("plan.json") { try CanonicalJSON.encode(CanonicalJSON.decode(Plan.self, from: $0)) }
        for gate in Gate.allCases {
            try expectSame(Statement.path(gate, 1)) {
                try CanonicalJSON.encode(CanonicalJSON.decode(Statement.self, from: $0))
            }
            let approval = Approval.path(gate, 1, "ben")
            try expectSame(approval) { try CanonicalJSON.encode(CanonicalJSON.decode(Approval.self, from: $0)) }
            try expectSame(approval + ".sig") { try SSHSignature(armored: $0).armored }
        }
    }

    @Test("what a host of an air gap handed over is read, and written again as it was")
    func handover() throws {
        let bytes = [UInt8](try Data(contentsOf: Self.here.appending(path: "Golden/handover.json")))
        #expect(try CanonicalJSON.encode(CanonicalJSON.decode(Handover.self, from: bytes)) == bytes)
    }

    @Test("the example's roster lets the same people sign as it did")
    func allowedSigners() throws {
        let roster = try Roster(json: try Self.read("roster.json"))
        #expect(try roster.allowedSigners() == Self.read("allowed_signers"))
    }

    private func expectSame(
        _ path: String, sourceLocation: SourceLocation = #_sourceLocation, _ rewrite: ([UInt8]) throws -> [UInt8]
    ) throws {
        let bytes = try Self.read(path)
        #expect(try rewrite(bytes) == bytes, "\(path)", sourceLocation: sourceLocation)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: example.appending(path: path)))
    }
}
