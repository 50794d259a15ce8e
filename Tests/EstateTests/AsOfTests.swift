import Estate
import Evidence
import Foundation
import TestSupport
import Testing

/// Up to when AWS's record was seen, of exported events.
@Suite("When AWS's record was seen")
struct AsOfTests {
    private static let exported = Timestamp("2026-11-26T18:00:00Z")

    /// What is read of one file with these events.
    private func read(_ events: [EventText]) async throws -> EventsRead {
        var reconciliation = try #require(Reconciliation(of: try ExampleCeremony().record))
        return try await withTemporaryFolder { folder in
            let file = folder.appending(path: "events.json")
            try Data(#"{"Records":[\#(try events.map { try $0.text() }.joined(separator: ","))]}"#.utf8).write(to: file)
            return try reconciliation.read(try EventFiles(at: [file.path]))
        }
    }

    @Test("is as it is said, or the newest event's time, and nothing where neither tells")
    func told() async throws {
        let exported = try #require(Self.exported)
        let events = try ExampleCeremony().events()
        let newest = try #require(events.compactMap { ($0["eventTime"] as? String).flatMap { Timestamp($0) } }.max())
        #expect(try await read(events).asOf(nil, now: exported) == newest)
        #expect(try await read(events).asOf(exported, now: exported) == exported)
        #expect(try await read([]).asOf(nil, now: exported) == nil)
    }

    @Test("is never yet to come, by more than clocks are apart: of what nobody has seen nothing is missing")
    func future() async throws {
        let exported = try #require(Self.exported)
        var late = try ExampleCeremony().events()[0]
        late["eventTime"] = exported.description
        let read = try await read([late])
        for said in [exported, nil] {
            #expect(try read.asOf(said, now: exported.advanced(bySeconds: -300)) == exported)
            let error = #expect(throws: EstateError.self) {
                try read.asOf(said, now: exported.advanced(bySeconds: -301))
            }
            #expect(error?.path == (said == nil ? "--events" : "--as-of"))
        }
    }
}
