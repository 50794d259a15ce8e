import Ceremony
import Estate
import Evidence
import Foundation
import Room

/// What people and other programs write: it has many forms, and must be read, or refused with an error for people.
enum Inputs {
    static func definition(_ bytes: [UInt8]) throws {
        try yaml(bytes) { _ = try Definition(yaml: $0, file: "/nowhere/definition.yaml") }
    }

    static func rosterDefinition(_ bytes: [UInt8]) throws {
        try yaml(bytes) { _ = try RosterDefinition(yaml: $0, file: "/nowhere/roster.yaml").first() }
    }

    static func site(_ bytes: [UInt8]) throws {
        try yaml(bytes) { text in
            let site = try Site(yaml: text, file: "/nowhere/site.yaml")
            let again = try? Site(yaml: site.yaml, file: "/nowhere/site.yaml")
            try Finding.unless(again?.yaml == site.yaml, "a site that cannot be read back")
        }
    }

    /// Exported events, packed or not, as a reconciliation reads them from a disk.
    static func events(_ bytes: [UInt8]) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "keyrite-events-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes).write(to: file)
        let record = try Example.held.get().record
        guard var reconciliation = Reconciliation(of: record) else { throw Finding("the example has not begun") }
        _ = try Finding.refusing(EstateError.self) {
            _ = try reconciliation.read(try EventFiles(at: [file.path]))
            return reconciliation.report(asOf: record.transcript.lines[0].at)
        }
        if let event = try Finding.refusing(AWSEvent.Malformed.self, { try AWSEvent(bytes) }) {
            try Finding.unless(event.text == bytes, "an event is kept otherwise than it was written")
        }
    }

    static func snapshot(_ bytes: [UInt8]) throws {
        let snapshot = try Finding.refusing(EstateError.self) { try InventorySnapshot(bytes, from: "snapshot.jsonl") }
        guard let snapshot else { return }
        try Finding.unless((try? snapshot.lines()) == bytes, "a snapshot in two forms")
    }

    static func prices(_ bytes: [UInt8]) throws {
        guard let now = Timestamp("2026-11-01T00:00:00Z") else { throw Finding("no time") }
        _ = try Finding.refusing(EstateError.self) { try PriceList(bytes, from: "prices.json", at: now) }
    }

    static func quantities(_ bytes: [UInt8]) throws {
        _ = try Finding.refusing(EstateError.self) { try QuantityList(bytes, from: "quantities.json") }
    }

    static func policy(_ bytes: [UInt8]) throws {
        for kind in [PolicyDocument.Kind.identity, .key] {
            _ = try Finding.refusing(PolicyError.self) { try PolicyDocument(bytes, kind) }
        }
    }

    private static func yaml(_ bytes: [UInt8], _ read: (String) throws -> Void) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        _ = try Finding.refusing(CeremonyError.self) { try read(text) }
    }
}
