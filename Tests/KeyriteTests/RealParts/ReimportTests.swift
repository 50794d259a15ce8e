import AWS
import Estate
import Evidence
import Foundation
import KeyriteCommands
import PKCS11
import Room
import TestSupport
import Testing

@Suite("Material imported again")
struct ReimportTests {
    @Test(
        "what KMS lost comes back from the HSM key that the example's definition names, though it is killed right after: old data decrypts again"
    )
    func held() async throws {
        try await CeremonyRoom.with(rolesApart: true) { room in
            let alias = "alias/claims-production"
            let kept = try await room.room.seedKeptKey(alias: alias)
            let client = try room.room.client()
            func decrypted() async throws -> [UInt8]? {
                try await client.decrypt(.init(ciphertextBlob: Blob(kept.ciphertext), keyID: kept.key)).output
                    .plaintext?
                    .bytes
            }
            await #expect(throws: AWSError.self) { try await decrypted() }
            let expiry = SystemClock().now().advanced(bySeconds: 90 * 86_400)
            let file = try definition(of: kept, until: expiry, in: room)
            let values = (kept.checkValues.cmac, kept.checkValues.ecb)
            let text = try String(contentsOfFile: file, encoding: .utf8)
                .replacing(
                    #"# checkValues: {cmac: "0a1b2c", ecb: "3d4e5f"}"#,
                    with: #"checkValues: {cmac: "\#(values.0)", ecb: "\#(values.1)"}"#)
            try Data(text.utf8).write(to: URL(filePath: file))
            let planned = try await room.plan(definition: file)
            #expect(!planned.stderrText.contains("Without check values"))
            for gate in [Gate.authorize, .release, .close] {
                if gate == .close {
                    let killed = try await room.run("--kill-at", "after kms.importMaterial existing")
                    try #require(killed.status == -9, "\(killed.stderrText)")
                }
                let waiting = try await room.run()
                try #require(waiting.status == 3, "\(waiting.stderrText)")
                try await room.approve(gate)
            }
            #expect(try await room.run().status == 0)
            #expect(try await decrypted() == Array("old data".utf8))
            let record = try room.record()
            let slot = record.plan.slots[0]
            #expect(record.slots[slot.slot]?.imported?.learned == .byLooking)
            #expect(record.slots[slot.slot]?.reimportVerified?.keyState == "Enabled")
            let entry = try await client.listKeyRotations(
                .init(keyID: kept.key, includeKeyMaterial: .allKeyMaterial)
            ).output.rotations.first
            #expect(entry?.validTo?.secondsSinceEpoch == Double(expiry.epochSeconds))
            for gate in ["authorize", "release"] {
                let shown = try StatementText.paragraphs(try room.read("statements/\(gate)-1.json")).map(\.text)
                let wanted = [
                    kept.material, expiry.description, "PENDING_IMPORT", kept.key,
                    ReimportedMaterial.Effect.usable.rawValue,
                ]
                for value in wanted + [kept.label, kept.id, values.0, values.1] {
                    #expect(shown.contains(value), "\(gate) \(value)")
                }
            }
            try await expectReconciled(room)
            try expectPolicies(of: record.plan, until: expiry)
        }
    }

    @Test(
        "what it brought back without an answer, and somebody deleted at once, comes back only as people sign once more"
    )
    func stopped() async throws {
        try await CeremonyRoom.with(rolesApart: true) { room in
            let kept = try await room.room.seedKeptKey(alias: "alias/claims-production")
            let expiry = SystemClock().now().advanced(bySeconds: 90 * 86_400)
            let planned = try await room.plan(definition: try definition(of: kept, until: expiry, in: room))
            #expect(planned.stderrText.contains("Without check values of the HSM key: claims-production. Whether"))
            for gate in [Gate.authorize, .release] {
                #expect(try await room.run().status == 3)
                try await room.approve(gate)
            }
            let faults = [
                ["operation": "ImportKeyMaterial", "fault": "lose-answer"],
                ["operation": "ListKeyRotations", "fault": "lag", "calls": 2],
            ]
            try await room.administer(["action": "set-faults", "rules": faults])
            let lost = try await room.run()
            #expect(lost.status == 1 && lost.stderrText.contains("No answer came to ImportKeyMaterial"))
            try await room.administer(["action": "set-faults", "rules": []])
            let client = try room.room.client()
            func isImported() async throws -> Bool {
                try await client.describeKey(.init(keyID: kept.key)).output.keyMetadata.keyState == .enabled
            }
            #expect(try await isImported())
            _ = try await client.deleteImportedKeyMaterial(.init(keyID: kept.key, keyMaterialID: kept.material))
            for _ in 1...2 {
                let waiting = try await room.run()
                #expect(
                    waiting.status == 3 && waiting.stderrText.contains("and deleted since, perhaps to stop the key"))
                #expect(try await !isImported())
            }
            let shown = try StatementText.paragraphs(try room.read("statements/release-2.json")).map(\.lead)
            #expect(shown.contains { $0.contains("It may have been imported before, and deleted since") })
            for gate in [Gate.release, .close] {
                try await room.approve(gate)
                #expect(try await room.run().status == (gate == .close ? 0 : 3))
            }
            #expect(try await isImported())
            try await room.expectBothVerify()
        }
    }

    @Test(
        "a key that was restored into another HSM comes back where the definition says that it was, and people read all that the token says of it"
    )
    func restored() async throws {
        try await CeremonyRoom.with { room in
            let kept = try await room.room.seedKeptKey(alias: "alias/claims-production")
            try await room.room.restoreFromBackup(kept)
            let file = try definition(of: kept, until: SystemClock().now().advanced(bySeconds: 90 * 86_400), in: room)
            let arguments = [
                "plan", "--definition", file, "--site", room.room.siteFile, "--roster", room.room.rosterFolder, "--out",
                room.ceremony,
            ]
            let refused = try await CeremonyRoom.keyrite(arguments)
            #expect(refused.status == 2)
            #expect(refused.stderrText.contains("CKA_LOCAL false for true, CKA_ALWAYS_SENSITIVE false for true"))
            #expect(refused.stderrText.contains("restored: true"), "\(refused.stderrText)")
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try #require(text.contains("# restored: true"))
            try Data(text.replacing("# restored: true", with: "restored: true").utf8).write(to: URL(filePath: file))
            try await room.plan(definition: file)
            for gate in [Gate.authorize, .release, .close] {
                let waiting = try await room.run()
                try #require(waiting.status == 3, "\(waiting.stderrText)")
                try await room.approve(gate)
            }
            #expect(try await room.run().status == 0)
            let decrypted = try await room.room.client().decrypt(
                .init(ciphertextBlob: Blob(kept.ciphertext), keyID: kept.key)
            ).output.plaintext?.bytes
            #expect(decrypted == Array("old data".utf8))
            let shown = try StatementText.paragraphs(try room.read("statements/authorize-1.json")).map(\.text)
            #expect(shown.contains(ReimportedMaterial.HSMKeyOrigin.restored.rawValue))
            let release = try StatementText.paragraphs(try room.read("statements/release-1.json")).map {
                "\($0.lead)\($0.text)"
            }
            #expect(release.contains { $0.contains("CKA_NEVER_EXTRACTABLE") && $0.contains("false") }, "\(release)")
            try await room.expectBothVerify()
        }
    }

    @Test("of a key that was restored all else is demanded still", arguments: [AttributeType.decrypt, .derive, .wrap])
    func restoredWithMore(_ power: AttributeType) async throws {
        try await CeremonyRoom.with { room in
            let kept = try await room.room.seedKeptKey(alias: "alias/claims-production")
            try await room.room.restoreFromBackup(kept, as: [Attribute(power, true)])
            let file = try definition(of: kept, until: SystemClock().now().advanced(bySeconds: 90 * 86_400), in: room)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try Data(text.replacing("# restored: true", with: "restored: true").utf8).write(to: URL(filePath: file))
            let refused = try await CeremonyRoom.keyrite([
                "plan", "--definition", file, "--site", room.room.siteFile, "--roster", room.room.rosterFolder, "--out",
                room.ceremony,
            ])
            #expect(refused.status == 2)
            #expect(refused.stderrText.contains("has \(power) true for false"), "\(refused.stderrText)")
        }
    }

    @Test("a token's key that shows other check values than the definition has is refused before anything is wrapped")
    func otherCheckValues() async throws {
        try await CeremonyRoom.with { room in
            let kept = try await room.room.seedKeptKey(alias: "alias/claims-production")
            let expiry = SystemClock().now().advanced(bySeconds: 90 * 86_400)
            let file = try definition(of: kept, until: expiry, in: room)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try #require(text.contains("# checkValues:"))
            try Data(text.replacing("# checkValues:", with: "checkValues:").utf8).write(to: URL(filePath: file))
            try await room.plan(definition: file)
            #expect(try await room.run().status == 3)
            let shown = try StatementText.paragraphs(try room.read("statements/authorize-1.json")).map(\.text)
            #expect(shown.contains("0a1b2c") && shown.contains("3d4e5f"))
            try await room.approve(.authorize)
            let refused = try await room.run()
            #expect(refused.status == 1 && refused.stderrText.contains("and the plan has CMAC 0a1b2c, ECB 3d4e5f"))
            #expect(try room.record().slots.values.allSatisfy { $0.blobs.isEmpty })
        }
    }

    /// Who imports may, with no other expiry than the plan's; who looks tries nothing, and nobody activates.
    private func expectPolicies(of plan: Plan, until expiry: Evidence.Timestamp) throws {
        var access = CeremonyAccess(of: plan)
        for role in CeremonyRole.allCases {
            access.people.roles[role] = "arn:aws:iam::\(access.account):role/\(role.rawValue)"
        }
        let conditions = [
            PolicyCondition(.stringEquals, "kms:ExpirationModel", "KEY_MATERIAL_EXPIRES"),
            PolicyCondition(.numericLessThanEquals, "kms:ValidTo", "\(expiry.epochSeconds).0"),
            PolicyCondition(.numericGreaterThanEquals, "kms:ValidTo", "\(expiry.epochSeconds).0"),
        ]
        let (roles, key) = (try RolePolicies(access), plan.slots[0].key)
        func statements(_ role: CeremonyRole) throws -> [PolicyStatement] {
            try roles.policies(of: role).flatMap(\.statements)
        }
        #expect(
            try statements(.import) == [
                PolicyStatement(
                    "Import", .allow, actions: ["kms:ImportKeyMaterial"], resources: [key], conditions: conditions)
            ])
        #expect(try statements(.activate).isEmpty)
        let looks = Set(try statements(.look).flatMap(\.actions.patterns))
        #expect(looks.isDisjoint(with: ["kms:Encrypt", "kms:Decrypt"]) && looks.contains("kms:ListKeyRotations"))
        let own = try KeyPolicyPrint(try #require(access.keys.first), of: access).policy().statements
        let imports = try #require(
            own.first { $0.actions.patterns == ["kms:ImportKeyMaterial"] && $0.effect == .allow })
        #expect(imports.conditions.count == conditions.count && conditions.allSatisfy(imports.conditions.contains))
    }

    /// The example, for the room's key.
    private func definition(of kept: KeptKey, until expiry: Evidence.Timestamp, in room: CeremonyRoom) throws -> String
    {
        let example = URL(filePath: #filePath).appending(path: "../../../../ceremony/reimport.yaml").standardized
        let text = try String(contentsOf: example, encoding: .utf8)
            .replacing(String(repeating: "0123456789abcdef", count: 4), with: kept.material)
            .replacing("keyrite/2026-07-01-0a1b2c3d/claims-production", with: kept.label)
            .replacing(String(repeating: "0a1b2c3d", count: 4), with: kept.id)
            .replacing("2027-06-30T00:00:00Z", with: expiry.description)
            .replacing("RSA_4096", with: "RSA_2048")
        let copy = room.base.appending(path: "reimport.yaml")
        try Data(text.utf8).write(to: copy)
        return copy.path
    }

    /// One import of existing material is on AWS's record, by who imports; both verifiers hold what is recorded of it.
    private func expectReconciled(_ room: CeremonyRoom) async throws {
        try await room.moveClock(seconds: 1500)
        let reconciled = try await CeremonyRoom.keyrite([
            "reconcile", room.ceremony, "--roster", room.rosterDigest, "--expect", "rehearsal", "--site",
            room.room.siteFile, "--record",
        ])
        #expect(reconciled.status == 0, "\(reconciled.stdoutText)\(reconciled.stderrText)")
        let options = ["--roster", room.rosterDigest, "--expect", "rehearsal"]
        let ours = try await CeremonyRoom.keyrite(["verify", room.ceremony] + options)
        let script = try await runProcess("dash", [TamperedFolder.script, room.ceremony] + options)
        #expect(ours.status == 0 && ours.stdoutText.contains("AGREED: 2 of 2 calls"), "\(ours.stdoutText)")
        #expect(script.stdoutText == ours.stdoutText, "\(script.stdoutText)\(script.stderrText)")
        try await expectOtherExpiryFound(room)
    }

    /// What AWS has of the import with another expiry than people signed is a finding, which both verifiers come to again.
    private func expectOtherExpiryFound(_ room: CeremonyRoom) async throws {
        let lines = try room.read(ReconciliationFile.path).split(separator: UInt8(ascii: "\n"))
        let events = try lines.dropFirst().map {
            try PercentEncoding.decode(try CanonicalJSON.parse(Array($0))["record"].text)
        }
        let changed = events.map { $0.replacing(/"validTo":"[^"]*"/, with: #""validTo":"May 21, 2027, 5:47:45 AM""#) }
        try #require(changed != events)
        let record = try room.record()
        var reconciliation = try #require(Reconciliation(of: record))
        for event in changed { try reconciliation.take(try AWSEvent(Array(event.utf8))) }
        let end = try #require(record.transcript.lines.last).at
        let report = reconciliation.report(asOf: end.advanced(bySeconds: 1500))
        // That it was imported was found by looking: no event of another expiry is taken for its.
        #expect(report.findings.map(\.kind) == [.missing, .unexpected])
        let summary = try RecordedReconciliation(report, of: record, source: .exported, records: changed.count)
        try Data(try ReconciliationFile.encode(summary, report)).write(
            to: URL(filePath: "\(room.ceremony)/\(ReconciliationFile.path)"))
        let options = ["--roster", room.rosterDigest, "--expect", "rehearsal"]
        let ours = try await CeremonyRoom.keyrite(["verify", room.ceremony] + options)
        let script = try await runProcess("dash", [TamperedFolder.script, room.ceremony] + options)
        #expect(ours.status == 5 && ours.stdoutText.contains("1 of 2 calls have their event"), "\(ours.stdoutText)")
        #expect(script.status == 5 && script.stdoutText == ours.stdoutText, "\(script.stdoutText)\(script.stderrText)")
    }
}

extension CeremonyRoom {
    /// Both verifiers say the same, and that it holds.
    fileprivate func expectBothVerify(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let options = ["--roster", rosterDigest, "--expect", "rehearsal"]
        let ours = try await Self.keyrite(["verify", ceremony] + options)
        let script = try await runProcess("dash", [TamperedFolder.script, ceremony] + options)
        #expect(
            ours.status == 0 && script.stdoutText == ours.stdoutText, "\(ours.stdoutText)\(script.stdoutText)",
            sourceLocation: sourceLocation)
    }
}
