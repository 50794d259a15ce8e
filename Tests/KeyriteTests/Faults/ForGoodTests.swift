import AWS
import Ceremony
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

/// The program, on the embedded KMS.
@Suite("What stops a rotation for good", .timeLimit(.minutes(60)))
struct ForGoodTests {
    @Test("a key with 25 of 25 rotations spent is refused when it is planned; with 24 the last one is had")
    func budget() async throws {
        try await CeremonyRoom.with { room in
            for (alias, spent) in [("alias/spent", 25), ("alias/nearly", 24)] {
                try await room.administer(["action": "seed-external-key", "alias": alias, "rotationsUsed": spent])
            }
            let refused = try await plan("alias/spent", in: room)
            #expect(refused.status == 2)
            #expect(
                refused.stderrText.contains(
                    "alias/spent has spent all 25 on-demand rotations that a key ever has. Plan a new key and move the "
                        + "alias: strategy replace"), "\(refused.stderrText)")
            #expect(access(room.ceremony + "/plan.json", F_OK) != 0)

            try #require(try await plan("alias/nearly", in: room).status == 0)
            let held = try await room.goOn()
            #expect(held.status == 0, "\(held.stderrText)")
            #expect(try room.record().slots["nearly"]?.rotated?.rotationsUsed == 25)
            try await room.expectBothHold()
        }
    }

    private func plan(_ alias: String, in room: CeremonyRoom) async throws -> ProcessOutcome {
        let definition = room.base.path + "/definition.yaml"
        let text = """
            schema: keyrite.definition/1
            title: The last one
            windowHours: 24
            wrappingKeySpec: RSA_2048
            keys:
              - alias: \(alias)
                strategy: rotate
                proof: true
            """
        try Data(text.utf8).write(to: URL(filePath: definition))
        return try await CeremonyRoom.keyrite([
            "plan", "--definition", definition, "--site", room.room.siteFile, "--roster", room.room.rosterFolder,
            "--out", room.ceremony,
        ])
    }

    @Test(
        "rotations that others spent meanwhile: it is told with what waits in the key; people end it, and delete that")
    func spent() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try #require(try await room.goOn(until: .activate).status == 0)
            try await room.setFaults([
                "operation": "RotateKeyOnDemand", "fault": "error", "name": "LimitExceededException",
            ])
            let stopped = try await room.goOn()
            #expect(stopped.status == 1)
            let slot = try #require(try room.record().plan.slots.first)
            let material = try #require(try room.record().slots[slot.slot]?.imported?.material)
            let says = [
                "RotateKeyOnDemand was refused with LimitExceededException",
                "has spent the 25 on-demand rotations that a key ever has",
                "End the ceremony and plan a new key, strategy replace",
                "aws kms delete-imported-key-material --key-id \(slot.key) --key-material-id \(material)",
            ]
            for words in says { #expect(stopped.stderrText.contains(words), "\(words): \(stopped.stderrText)") }
            #expect(
                try await room.standing(of: slot.key) == "Enabled; CURRENT, PENDING_ROTATION; the alias is at itself")
            #expect(try room.refusals() == ["LimitExceededException"])

            try await end(room, because: "no rotation is left")
            _ = try await room.room.client().deleteImportedKeyMaterial(
                .init(keyID: slot.key, keyMaterialID: material))
            #expect(try await room.standing(of: slot.key) == "Enabled; CURRENT; the alias is at itself")
            try await expectUsable(slot, room)
        }
    }

    @Test("others imported and rotated meanwhile: nothing is imported beside it, and people end it")
    func rotatedByOthers() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try #require(try await room.goOn(until: .wrap).status == 0)
            let slot = try #require(try room.record().plan.slots.first)
            _ = try await room.importForeignMaterial(into: slot.key)
            _ = try await room.room.client().rotateKeyOnDemand(.init(keyID: slot.key))
            let before = try await room.effects()
            let stopped = try await room.goOn()
            #expect(stopped.status == 1)
            #expect(
                stopped.stderrText.contains(
                    "The key of \(slot.slot) has other current material than the plan found. Nothing was imported. Find out "
                        + "who rotated it; end this ceremony, and freeze a new plan"), "\(stopped.stderrText)")
            #expect(try await room.effects() == before)
            #expect(try await room.standing(of: slot.key) == "Enabled; NON_CURRENT, CURRENT; the alias is at itself")
            try await end(room, because: "somebody else rotated it")
            try await expectUsable(slot, room)
        }
    }

    /// People end the ceremony at an attended run, which says once more why it stops, and sign the close.
    private func end(_ room: CeremonyRoom, because reason: String) async throws {
        let people = try Attendant(
            ["run", room.ceremony, "--site", room.room.siteFile, "--attended"], room: room.room.root)
        defer { people.terminal.signal(SIGKILL) }
        try await people.expect("It stopped: ")
        try await people.answer("again, abort or leave: ", "abort")
        try await people.answer("Name: ", "ada")
        try await people.answer("Reason: ", reason)
        try await people.answer("Type abort: ", "abort")
        try await people.press("C", at: "Who signs? ")
        try await people.answer("resume, abort or leave: ", "leave")
        _ = try await people.terminal.end()
        #expect(try room.record().aborted == Aborted(by: "ada", reason: PercentEncoding.encode(reason)))
        let closed = try await room.goOn()
        #expect(closed.status == 0, "\(closed.stderrText)")
        #expect(try room.record().slots.values.allSatisfy { $0.rotated == nil })
        try await room.expectBothHold()
    }

    /// Whatever stopped the ceremony, what was encrypted before it still decrypts.
    private func expectUsable(_ slot: PlanSlot, _ room: CeremonyRoom) async throws {
        let probe = try #require(slot.probe.flatMap { Data(base64Encoded: $0.ciphertext) })
        _ = try await room.room.client().decrypt(.init(ciphertextBlob: Blob(Array(probe)), keyID: slot.key))
    }
}
