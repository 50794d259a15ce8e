import Ceremony
import Evidence
import Testing

/// Another HSM key than the one that the material came from, and one that was restored.
extension ReimportTests {
    @Test(
        "people read at release which HSM key it is, and what it showed; one that shows other than is on record is refused"
    )
    func checkValues() async throws {
        let kept = try Kept()
        let first = try await kept.room()
        try await first.advance(to: .release)
        let shown = try #require(try await first.record().slots["payments"]?.generated?.checkValues)
        let other = CheckValues(cmac: shown.ecb, ecb: shown.cmac)
        for values in [shown, other] {
            let room = try await kept.room(showing: values)
            #expect(try await room.record().plan.slots[0].reimported?.checkValues == values)
            guard values == shown else {
                let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
                #expect(error?.what.contains("CMAC \(shown.cmac), ECB \(shown.ecb), and the plan has") == true)
                let left = try await room.hsm.find(label: Self.label, id: Self.id)
                try await room.hsm.leave()
                #expect(left.first?.attributes.contains(AttributeSetting("CKA_ENCRYPT", "false")) == true)
                #expect(try await room.record().slots["payments"]?.generated == nil)
                continue
            }
            try await room.advance(to: .release)
            guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
                return _ = Issue.record("release is not open")
            }
            let key = try #require(release.slots[0].hsmKey)
            #expect(key.label == Self.label && key.id == Self.id && key.checkValues == shown)
            #expect(key.attributes == nil && key.differences == nil)
            #expect(try await room.advance() == .closed)
            try await room.expectBothSay("VERIFIED")
        }
    }

    @Test("an HSM key that is not what the plan found is neither changed nor used")
    func otherKey() async throws {
        let kept = try Kept()
        for name in ["CKA_EXTRACTABLE", "CKA_SENSITIVE", "CKA_LOCAL"] {
            let room = try await kept.room()
            await room.hsm.change(AttributeSetting(name, "false"))
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(error?.what.contains("The HSM key for payments has \(name) false") == true, "\(error?.what ?? "")")
            #expect(await room.hsm.allowed["giveCheckUsage"] == 1)
        }
        let room = try await kept.room()
        await room.hsm.prepare {
            $0.strangers = [HSMKey(label: "another", id: Self.id, attributes: [])]
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("has 2 objects labelled") == true, "\(error?.what ?? "")")
    }

    @Test(
        "a key of which the token says that it did not make it comes back only where the definition says that it was restored"
    )
    func restored() async throws {
        let kept = try Kept()
        let foreign = ["CKA_LOCAL", "CKA_ALWAYS_SENSITIVE"].map { AttributeSetting($0, "false") }
        let refused = await #expect(throws: CeremonyError.self) { try await kept.room(answering: foreign) }
        #expect(refused?.what.contains("CKA_LOCAL false for true, CKA_ALWAYS_SENSITIVE false for true") == true)
        #expect(refused?.remedy.contains("restored: true") == true, "\(refused?.remedy ?? "")")
        for answers in [foreign, [foreign[0]]] {
            let room = try await kept.room(isRestored: true, answering: answers)
            try await room.advance(to: .release)
            guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
                return _ = Issue.record("release is not open")
            }
            let key = try #require(release.slots.first?.hsmKey)
            #expect(
                key.differences
                    == answers.map { Difference(slot: "payments", what: $0.name, planned: "true", observed: "false") })
            #expect(key.attributes?.contains(AttributeSetting("CKA_SENSITIVE", "true")) == true)
            #expect(try await room.advance() == .closed)
            try await room.expectBothSay("VERIFIED")
        }
        for (answer, words) in [
            (AttributeSetting("CKA_SENSITIVE", "false"), "CKA_SENSITIVE false for true"),
            (AttributeSetting("CKA_EXTRACTABLE", "false"), "CKA_EXTRACTABLE false for true"),
            (AttributeSetting("CKA_UNWRAP", "true"), "CKA_UNWRAP true for false"),
            (AttributeSetting("CKA_LOCAL", "unavailable"), "CKA_LOCAL unavailable for false"),
        ] {
            let error = await #expect(throws: CeremonyError.self) {
                try await kept.room(isRestored: true, answering: foreign + [answer])
            }
            #expect(error?.what.contains(words) == true, "\(error?.what ?? "")")
        }
        let made = await #expect(throws: CeremonyError.self) { try await kept.room(isRestored: true) }
        #expect(made?.remedy == "Take the line restored: out")
        // Made here, and to be read once: that is no backup's key.
        let readable = await #expect(throws: CeremonyError.self) {
            try await kept.room(isRestored: true, answering: [foreign[1]])
        }
        #expect(readable?.what.contains("CKA_LOCAL true for false") == true, "\(readable?.what ?? "")")
        // What becomes of it after the plan.
        let room = try await kept.room()
        await room.hsm.change(foreign[0])
        let late = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(late?.remedy.contains("freeze a plan whose definition says so: restored: true") == true)
    }
}
