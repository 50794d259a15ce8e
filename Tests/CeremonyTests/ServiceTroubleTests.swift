import Ceremony
import CryptoPrimitives
import Evidence
import Testing

/// What somebody else does to the keys in the middle of a ceremony, and what KMS refuses for good.
@Suite("A key that is not left alone is said to be so, with the way on")
struct ServiceTroubleTests {
    private static let other = "arn:aws:kms:eu-central-1:111122223333:key/other"
    private static let foreign = KMSMaterial(
        id: String(repeating: "f", count: 64), state: .pendingRotation, description: "theirs", onDemand: false)

    @Test("pending material that somebody left is named, with the call that deletes that one; then it goes on")
    func pending() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        await room.kms.prepare { $0.materials.append(Self.foreign) }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.description
                == "The key of payments has pending material that this ceremony did not import: KeyMaterialId "
                + "\(Self.foreign.id). Nothing was imported. Find out whose it is. If nobody wants it, look again, some "
                + "minutes after the last rotation (aws kms list-key-rotations --key-id \(FakeKMS.key) "
                + "--include-key-material ALL_KEY_MATERIAL; aws kms describe-key --key-id \(FakeKMS.key)); while it is "
                + "PENDING_ROTATION there and not the CurrentKeyMaterialId, and only then, delete it by its id: aws kms "
                + "delete-imported-key-material --key-id \(FakeKMS.key) --key-material-id \(Self.foreign.id). Then run again; KMS may show it for some "
                + "minutes more")
        #expect(await room.kms.allowed["import"] == 1)
        await room.kms.prepare { $0.materials.removeAll { $0.id == Self.foreign.id } }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("what another copy of the folder imported is not called a stranger's, and nobody is told to delete it")
    func importedElsewhere() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        let description = try await room.record().plan.slots[0].description
        await room.kms.prepare {
            $0.materials.append(
                KMSMaterial(
                    id: Self.foreign.id, state: .pendingRotation, description: description, onDemand: false))
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("with the description of this very ceremony") == true, "\(error?.what ?? "")")
        #expect(error?.remedy.contains("do not delete it") == true)
        #expect(error?.remedy.contains("delete-imported-key-material") == false)
        #expect(await room.kms.allowed["import"] == 1)
    }

    @Test("whatever a service calls its material, a command that is shown does nothing else than it says")
    func hostileName() {
        let removal = PendingMaterial.removal(of: "x; rm -rf ~ '$(id)'\n", from: FakeKMS.key)
        #expect(removal.hasSuffix("--key-id \(FakeKMS.key) --key-material-id 'x; rm -rf ~ %27$(id)%27%0A'"))
    }

    @Test("once they made it current nothing is imported beside it, and nobody is told to delete anything")
    func rotatedByOthers() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .wrap)
        await room.kms.prepare {
            $0.materials = [
                KMSMaterial(id: "old", state: .nonCurrent, description: nil, onDemand: false),
                KMSMaterial(id: Self.foreign.id, state: .current, description: "theirs", onDemand: true),
            ]
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.description
                == "The key of payments has other current material than the plan found. Nothing was imported. Find out who "
                + "rotated it; end this ceremony, and freeze a new plan")
        #expect(await room.kms.allowed["import"] == 1)
        #expect(try await room.record().openIntent == nil)
    }

    @Test("the first material of a key, if it is somebody else's, is not to be deleted: the key is nothing without it")
    func firstMaterial() async throws {
        let room = try await StrategyTests.importing()
        try await room.advance(until: .wrap)
        await room.kms.prepare {
            $0.others[StrategyTests.fresh]?.materials = [
                KMSMaterial(id: Self.foreign.id, state: .current, description: nil, onDemand: false)
            ]
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.what.hasSuffix("material that this ceremony did not import: KeyMaterialId \(Self.foreign.id)")
                == true)
        #expect(error?.remedy.hasPrefix("It is current: do not delete it.") == true)
        #expect(error?.description.contains("delete-imported-key-material") == false)
        #expect(await room.kms.allowed["import"] == 1)
    }

    @Test("a refusal after a call of which no answer came does not say that nothing changed, and names that call")
    func afterUnknown() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.lost["rotate"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let line = try await room.record().transcript.lines.count
        await room.kms.prepare { $0.refused["rotate"] = "AccessDeniedException" }
        let refused = await #expect(throws: ServiceRefused.self) { try await room.advance() }
        let said = try #require(refused?.description)
        #expect(
            said.contains(
                "This changed nothing, but a call before it may have had its effect, whose outcome is not known: ")
                && said.contains("rotate-intended of payments, line \(line) of the transcript"), "\(said)")
        #expect(!said.contains("Nothing took effect"))
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a look that is refused before anybody knows what an earlier call did names that call; told once, it goes on")
    func lookAfterUnknown() async throws {
        struct LookRefused: ServiceTrouble {}
        let room = try await TestRoom.ready()
        await room.kms.prepare { ($0.lost["rotate"], $0.blindCalls["rotate"]) = (.answer, 99) }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let line = try await room.record().transcript.lines.count
        await room.kms.prepare { ($0.blindLooks, $0.lookRefusal) = (0, LookRefused()) }
        let stopped = await #expect(throws: StoppedUnknowing.self) { try await room.advance() }
        #expect(stopped?.error is LookRefused)
        #expect(
            stopped?.earlier.description.contains("rotate-intended of payments, line \(line) of the transcript") == true
        )
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed["rotate"] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "old material that was deleted after the rotation is named; nothing is rotated again, and once it is back it goes on"
    )
    func deletedAfterwards() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .activate)
        for name in ["ben", "carol"] { try await room.sign(.activate, as: name) }
        let scissors = Scissors(after: "after journal rotated")
        await #expect(throws: CutOff.self) { try await Engine(opening: room.ports.checked(by: scissors)).run() }
        try await room.hsm.leave()
        let whole = await room.kms.materials
        await room.kms.prepare { $0.materials = $0.materials.map { $0.id == "old" ? $0.forgotten : $0 } }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.what
                == "The key of payments was rotated, and is of no use since: KMS no longer has its material old, the one before "
                + "the rotation, which expired or was deleted")
        #expect(error?.remedy.hasPrefix("The rotation is on record, and is not done again.") == true)
        #expect(error?.remedy.contains("strategy reimport") == true)
        await room.kms.prepare { $0.materials = whole }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("an alias that was moved is not put before people to sign; moved back, the ceremony goes on")
    func aliasMoved() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .prove)
        await room.kms.prepare { $0.aliases["alias/payments"] = Self.other }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.description
                == "alias/payments is no longer as the plan found it: it resolves to \(Self.other), and did to "
                + "\(FakeKMS.key). Nothing was activated. Find out who changed it; have it as it was, then run again, or end "
                + "the ceremony")
        #expect(try await room.record().gates.open == nil)
        await room.kms.prepare { $0.aliases["alias/payments"] = nil }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "a key that was disabled, or is to be deleted, stops before the release and before the rotation, and not for ever",
        arguments: [
            ("Disabled", "Find out who disabled it. Once it is enabled again (kms:EnableKey), run again"),
            (
                "PendingDeletion",
                "Find out who had it deleted. Once that is cancelled and it is enabled again (kms:CancelKeyDeletion, "
                    + "kms:EnableKey), run again"
            ),
        ])
    func unusable(state: String, remedy: String) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .generate)
        await room.kms.prepare { $0.state = state }
        let early = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            early?.description
                == "alias/payments is no longer what the plan found: it resolves to \(FakeKMS.key), \(state). \(remedy)"
        )
        await room.kms.prepare { $0.state = "Enabled" }
        try await room.advance(until: .activate)
        await room.kms.prepare { $0.state = state }
        let late = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            late?.description
                == "The key of payments cannot be rotated: it is \(state). Nothing was rotated, and the imported material "
                + "waits. \(remedy)")
        #expect(await room.kms.allowed["rotate"] == 1)
        #expect(try await room.record().openIntent == nil, "what was not asked for is in nobody's doubt")
        await room.kms.prepare { $0.state = "Enabled" }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a key whose rotations are spent is told as that for good, with what waits in it; the refusal is on record")
    func spent() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.refused["rotate"] = "LimitExceededException" }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        let material = try #require(try await room.record().slots["payments"]?.imported?.material)
        #expect(error?.what == "rotate was refused with LimitExceededException")
        #expect(
            error?.remedy
                == "This key was not rotated, and the refusal is on record: the key of payments has spent the 25 on-demand "
                + "rotations that a key ever has. End the ceremony and plan a new key, strategy replace. Other keys of this "
                + "ceremony that are rotated stay so. The imported material \(material) is of no use then: "
                + PendingMaterial.removal(of: material, from: FakeKMS.key))
        guard case .refused(let refused)? = try await room.record().transcript.lines.last?.event else {
            Issue.record("the refusal is not the last line")
            return
        }
        #expect(refused.code == "LimitExceededException")
        // As often as it is tried: no call was without an answer.
        for _ in 1...2 {
            await room.kms.prepare { $0.refused["rotate"] = "LimitExceededException" }
            #expect(await #expect(throws: CeremonyError.self) { try await room.advance() } == error)
            #expect(try await room.record().openIntent == nil)
        }
        room.speakers.say(.abort(by: "ada", reason: "no rotation is left"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().unsettled == nil)
        #expect(await room.kms.allowed["rotate"] == 1)
        try await room.expectBothSay("VERIFIED")
    }
}
