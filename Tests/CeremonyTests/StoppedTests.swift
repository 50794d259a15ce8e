import Ceremony
import CryptoPrimitives
import Evidence
import Testing

/// Where something is stopped.
struct Stop: Sendable, CustomTestStringConvertible {
    let strategy: Strategy
    /// Where the process ends.
    let point: String
    var proof = true

    var testDescription: String { "\(strategy.rawValue), \(point)\(proof ? "" : ", without a proof")" }

    func room() async throws -> TestRoom {
        strategy == .replace
            ? try await StrategyTests.replacing(
                DefinedKey(alias: "alias/payments", strategy: .replace, proof: proof))
            : try await StrategyTests.importing(
                DefinedKey(alias: "alias/new", key: StrategyTests.fresh, strategy: .import, proof: proof))
    }
}

@Suite("What a ceremony imported, and somebody deleted since")
struct StoppedTests {
    private static let stops = [Strategy.import, .replace].flatMap { strategy in
        [
            Stop(strategy: strategy, point: "after kms.importMaterial new"),
            Stop(strategy: strategy, point: "after kms.importMaterial new", proof: false),
            Stop(strategy: strategy, point: "after journal imported"),
            Stop(strategy: strategy, point: "after journal prove-intended"),
            Stop(strategy: strategy, point: "after kms.importMaterial existing"),
        ]
    }

    @Test(
        "before a run that was killed goes on, stays deleted: people read what to do, and may end it", arguments: stops)
    func killed(stop: Stop) async throws {
        let room = try await stop.room()
        try await room.advance(until: .wrap)
        let scissors = Scissors(after: stop.point)
        await #expect(throws: CutOff.self) { try await Engine(opening: room.ports.checked(by: scissors)).run() }
        try await room.hsm.leave()
        let material = try await room.deleteImported()
        let wasProved = stop.point.hasSuffix("existing")
        // As often as it is run.
        for _ in 1...2 {
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(error?.what.contains("\(material): somebody deleted it") == true, "\(error?.what ?? "")")
            #expect(error?.remedy.contains("may have been an emergency stop") == true)
        }
        #expect(await room.importedMaterials().isEmpty)
        #expect(await room.kms.allowed["prove"] == (wasProved ? 0 : 1))
        let (record, slot) = (try await room.record(), try #require(try await room.record().slots.values.first))
        #expect((slot.imported != nil) == (record.openIntent?.kind != .importIntended) && slot.proved == nil)
        if stop.point == "after journal imported" {
            #expect(record.openIntent == nil, "what was not asked for is in nobody's doubt")
        }
        let intended = record.unsettledIntent
        room.speakers.say(.abort(by: "ada", reason: "it was stopped"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().unsettled == intended)
        #expect(await room.importedMaterials().isEmpty)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("before a call that KMS refused is made again, stays deleted", arguments: [Strategy.import, .replace])
    func refused(strategy: Strategy) async throws {
        let room = try await Stop(strategy: strategy, point: "").room()
        await room.kms.prepare {
            $0.lost["import"] = .answer
            $0.blindCalls["import"] = 1
        }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare {
            $0.blindLooks = 200
            $0.refused["import"] = "AccessDeniedException"
        }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        await room.kms.prepare { $0.blindLooks = 0 }
        _ = try await room.deleteImported()
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("somebody deleted it") == true, "\(error?.what ?? "")")
        #expect(await room.importedMaterials().isEmpty)
    }

    @Test("is signed for nothing at the activation", arguments: [Strategy.import, .replace])
    func activated(strategy: Strategy) async throws {
        let room = try await Stop(strategy: strategy, point: "").room()
        try await room.advance(until: .prove)
        _ = try await room.deleteImported()
        let error = await #expect(throws: CeremonyError.self) { try await room.advance(to: .activate) }
        #expect(error?.what.contains("somebody deleted it") == true, "\(error?.what ?? "")")
        #expect(try await room.record().gates.open == nil)
    }
}

extension TestRoom {
    private static let freshKeys = [StrategyTests.fresh, FakeKMS.key + "-1"]

    fileprivate func importedMaterials() async -> [KMSMaterial] {
        await kms.others.filter { Self.freshKeys.contains($0.key) }.flatMap(\.value.materials).filter(\.isImported)
    }

    /// Somebody deletes what was imported first into the room's new key.
    ///
    /// - Returns: Its id.
    fileprivate func deleteImported() async throws -> String {
        let found = await importedMaterials()
        try #require(found.count == 1)
        await kms.prepare { kms in
            for key in Self.freshKeys {
                let forgotten = kms.others[key]?.materials.map(\.forgotten) ?? []
                kms.others[key]?.materials = forgotten
            }
        }
        return found[0].id
    }
}
