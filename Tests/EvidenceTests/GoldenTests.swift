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
    /// Of the newest format, and of the one before it, whose transcripts do not say who called.
    private static let examples = ["../../ceremony/example", "Golden/example-1"].map {
        here.appending(path: $0).standardizedFileURL
    }

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

    @Test("the examples' documents are read, and written again as they were", arguments: examples)
    func documents(example: URL) throws {
        func expectSame(_ path: String, _ rewrite: ([UInt8]) throws -> [UInt8]) throws {
            let bytes = [UInt8](try Data(contentsOf: example.appending(path: path)))
            #expect(try rewrite(bytes) == bytes, "\(path)")
        }
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

    @Test("their forms are two")
    func schemas() throws {
        let plans = try Self.examples.map {
            try CanonicalJSON.decode(Plan.self, from: [UInt8](try Data(contentsOf: $0.appending(path: "plan.json"))))
        }
        #expect(plans.map(\.schema) == ["keyrite.plan/2", "keyrite.plan/1"])
    }

    @Test("what a host of an air gap handed over is read, and written again as it was")
    func handover() throws {
        let bytes = [UInt8](try Data(contentsOf: Self.here.appending(path: "Golden/handover.json")))
        #expect(try CanonicalJSON.encode(CanonicalJSON.decode(Handover.self, from: bytes)) == bytes)
    }

    @Test("the examples' rosters let the same people sign as they did", arguments: examples)
    func allowedSigners(example: URL) throws {
        let roster = try Roster(json: [UInt8](try Data(contentsOf: example.appending(path: "roster.json"))))
        let signers = [UInt8](try Data(contentsOf: example.appending(path: "allowed_signers")))
        #expect(roster.allowedSigners() == signers)
    }
}
