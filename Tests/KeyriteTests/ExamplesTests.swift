import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("The examples in ceremony/ are what the program reads, and are carried out")
struct ExamplesTests {
    private static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "ceremony")
    }

    private static func example(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    @Test(
        "A ceremony is held as each definition says, at the example's site, by the example's roster, and verifies",
        arguments: [
            ("import.yaml", "claims-production"), ("replace.yaml", "ledger-production"),
            ("rotate.yaml", "payments-production"),
        ])
    func held(name: String, slot: String) async throws {
        try await CeremonyRoom.with { room in
            try await room.plan(
                definition: try await definition(name, in: room), site: try site(in: room),
                rosterFolder: try await roster(in: room))
            try await room.holdPlanned()
            let record = try room.record()
            #expect(record.plan.slots.map(\.slot) == [slot])
            #expect(record.closed)
            let digest = Roster.digest(of: try room.read(Roster.path)).hex
            let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", digest])
            #expect(verified.status == 0, "\(verified.stdoutText)")
            try await BotoTests.expectAsPlanned(room)
        }
    }

    /// A copy of the examples, whose keys are the room's, and whose wrapping keys are soon made.
    private func definition(_ name: String, in room: CeremonyRoom) async throws -> String {
        let copy = room.base.appending(path: "examples")
        try FileManager.default.copyItem(at: Self.folder, to: copy)
        try await room.room.seedExternalKey(alias: "alias/ledger-production")
        let fresh = try await room.room.createPendingKey(description: "made with the console")
        let text = try Self.example(name)
            .replacing("RSA_4096", with: "RSA_2048")
            .replacing("1234abcd-12ab-34cd-56ef-1234567890ab", with: fresh.split(separator: "/").last ?? "")
        try Data(text.utf8).write(to: copy.appending(path: name))
        return copy.appending(path: name).path
    }

    /// The example of a site, at the room's places.
    private func site(in room: CeremonyRoom) throws -> String {
        guard case .socket(let socket) = room.room.site.module else {
            throw CocoaError(.featureUnsupported)
        }
        let text = try Self.example("site-rehearsal.yaml")
            .replacing("http://127.0.0.1:8443", with: room.room.site.endpoint)
            .replacing("/run/keyrite/p11", with: socket)
            .replacing("/var/lib/keyrite/memory", with: room.room.site.memory)
        let file = room.base.appending(path: "example-site.yaml")
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// The example of a roster, with keys that the room's people have, accepted by all of them.
    private func roster(in room: CeremonyRoom) async throws -> String {
        let example = try Roster(json: Array(try Self.example("roster-rehearsal.json").utf8))
        let people = try room.roster
        let members = try example.members.map { member in
            let own = try #require(people.member(named: member.name))
            return Member(
                name: member.name, role: member.role, key: own.key, validFrom: own.validFrom,
                validUntil: own.validUntil)
        }
        let bytes = try Roster(mode: example.mode, members: members, rules: example.rules).json()
        let folder = try DiskFolder.create(at: room.base.path + "/example-roster")
        try folder.write(bytes, to: Roster.path)
        for member in members {
            let signer = try room.room.site.signer(of: member.name)
            try folder.write(
                try await signer.sign(bytes, namespace: example.mode.rosterNamespace),
                to: Roster.acceptancePath(of: member))
        }
        return folder.root
    }

    @Test("The definition of a rotation is valid")
    func definition() throws {
        let definition = try Definition(yaml: try Self.example("rotate.yaml"), file: "rotate.yaml")
        #expect(definition.keys == [DefinedKey(alias: "alias/payments-production", strategy: .rotate, proof: true)])
        #expect(definition.wrapping == Wrapping(keySpec: "RSA_4096"))
    }

    @Test("The definition of a roster is valid, and amounts to the example of a roster")
    func rosterDefinition() throws {
        let definition = try RosterDefinition(yaml: try Self.example("roster.yaml"), file: "roster.yaml")
        let roster = try definition.first()
        #expect(try roster.json() == Array(try Self.example("roster-rehearsal.json").utf8))
    }

    @Test("The site of a rehearsal is valid, and is written back as it was read")
    func site() throws {
        let site = try Site(yaml: try Self.example("site-rehearsal.yaml"), file: "site-rehearsal.yaml")
        #expect(site.mode == .rehearsal)
        #expect(site.signers.keys.sorted() == ["ada", "ben", "carol", "dan", "wendy"])
        #expect(try Site(yaml: site.yaml, file: "written") == site)
    }

    @Test("The site of a live room is valid, and is written back as it was read")
    func liveSite() throws {
        let site = try Site(yaml: try Self.example("site-live-example.yaml"), file: "site-live-example.yaml")
        #expect(site.mode == .live)
        #expect(try Site(yaml: site.yaml, file: "written") == site)
    }

    @Test("The site of an inventory has no HSM, is written back as it was read, and is no room for a ceremony")
    func inventorySite() throws {
        let site = try Site(yaml: try Self.example("site-inventory.yaml"), file: "site-inventory.yaml")
        #expect(site.access != nil && site.module == nil && site.gap == nil && site.memory.isEmpty)
        #expect(try Site(yaml: site.yaml, file: "written") == site)
        let error = #expect(throws: CeremonyError.self) { try site.requireRoom() }
        #expect(error?.description.contains("site-inventory.yaml") == true, "\(String(describing: error))")
        #expect(error?.description.contains("this site reads AWS alone") == true)
    }

    @Test("The sites of the two hosts of an air gap are valid, and are written back as they were read")
    func gapSites() throws {
        let hsm = try Site(yaml: try Self.example("site-gap-hsm.yaml"), file: "site-gap-hsm.yaml")
        #expect(hsm.gap?.side == .hsm && hsm.access == nil && hsm.module != nil)
        #expect(try Site(yaml: hsm.yaml, file: "written") == hsm)
        let connected = try Site(yaml: try Self.example("site-gap-connected.yaml"), file: "site-gap-connected.yaml")
        #expect(connected.gap?.side == .connected && connected.access != nil && connected.module == nil)
        #expect(try Site(yaml: connected.yaml, file: "written") == connected)
    }
}
