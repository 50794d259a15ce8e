import Estate
import Evidence
import Foundation
import TestSupport
import Testing

/// Exported events that are of another place or time than the ceremony.
@Suite("Events of elsewhere")
struct EventPlaceTests {
    private static let exported = Timestamp("2026-11-27T12:00:00Z")

    /// Reads one file with these events, each of them changed, and looks whether they may stand for the ceremony's time.
    private func demand(
        _ ceremony: ExampleCeremony, _ events: [EventText], said: Timestamp? = nil,
        _ change: (inout EventText) -> Void = { _ in }
    ) async throws {
        var reconciliation = try #require(Reconciliation(of: ceremony.record))
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "events.json")
            let texts = try events.map { event in
                var event = event
                change(&event)
                return try event.text()
            }
            try Data(#"{"Records":[\#(texts.joined(separator: ","))]}"#.utf8).write(to: file)
            let read = try reconciliation.read(try EventFiles(at: [file.path]))
            try read.demandPlace(of: reconciliation)
            try read.demandPeriod(of: reconciliation, said: said)
        }
    }

    @Test(
        "in account, Region or service are not taken for AWS's word against a ceremony's calls, whatever somebody says",
        arguments: [
            ("recipientAccountId", "999988887777"), ("awsRegion", "us-east-1"), ("eventSource", "s3.amazonaws.com"),
            ("eventTime", "2026-11-26T17:19:49.000Z"),
        ])
    func place(member: String, value: String) async throws {
        let ceremony = try ExampleCeremony()
        for (events, said) in [(ceremony.events(), Self.exported), (ceremony.events(), nil), ([], Self.exported)] {
            let error = await #expect(throws: EstateError.self) {
                try await demand(ceremony, events, said: said) { $0[member] = value }
            }
            #expect(error?.reason.hasPrefix("of \(events.count) records none that can be read is KMS's") == true)
            #expect(
                error?.reason.contains(
                    "the ceremony made calls in account 111122223333, Region eu-central-1; look whether it is the right "
                        + "account, Region, bucket prefix") == true)
        }
        try await demand(ceremony, ceremony.events())
    }

    @Test("in time are on record only where somebody says up to when they reach")
    func period() async throws {
        let ceremony = try ExampleCeremony()
        for time in ["2026-11-25T17:19:49Z", "2026-11-27T11:00:00Z"] {
            let error = await #expect(throws: EstateError.self) {
                try await demand(ceremony, ceremony.events()) { $0["eventTime"] = time }
            }
            #expect(error?.reason.hasPrefix("Nothing was recorded: no event of KMS") == true)
            try await demand(ceremony, ceremony.events(), said: Self.exported) { $0["eventTime"] = time }
        }
        // One of the ceremony's time is enough, wherever it stands.
        let late = ceremony.stranger("Decrypt")
        var later = late
        later["eventTime"] = "2026-11-27T11:00:00Z"
        try await demand(ceremony, [later, late])
        try await demand(ceremony, [late, later])
    }

    @Test("or none at all are what a ceremony has that made no call")
    func noCalls() async throws {
        try await demand(try ExampleCeremony(lines: 2), [], said: Self.exported)
    }
}
