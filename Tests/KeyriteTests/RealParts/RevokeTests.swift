import AWS
import Estate
import Evidence
import Foundation
import KeyriteCommands
import Room
import TestSupport
import Testing

@Suite("An emergency stop")
struct RevokeTests {
    @Test(
        "deletes just the material that the example's definition names, once though it is killed right after, and AWS's record agrees"
    )
    func held() async throws {
        try await CeremonyRoom.with(rolesApart: true) { room in
            let client = try room.room.client()
            let material = try #require(try await room.room.currentMaterial(of: CeremonyRoom.alias))
            try await room.plan(definition: try definition(of: material, in: room))
            for gate in [Gate.authorize, .activate, .close] {
                if gate == .close {
                    let killed = try await room.run("--kill-at", "after kms.deleteMaterial")
                    try #require(killed.status == -9, "\(killed.stderrText)")
                }
                let waiting = try await room.run()
                try #require(waiting.status == 3, "\(waiting.stderrText)")
                try await room.approve(gate)
            }
            #expect(try await room.run().status == 0)
            let record = try room.record()
            let slot = record.plan.slots[0]
            #expect(record.slots[slot.slot]?.revoked?.learned == .byLooking)
            #expect(record.slots[slot.slot]?.revocationVerified?.keyState == "PendingImport")
            await #expect(throws: AWSError.self) {
                try await client.encrypt(.init(keyID: CeremonyRoom.alias, plaintext: Blob([1])))
            }
            for gate in ["authorize", "activate"] {
                let shown = try StatementText.paragraphs(try room.read("statements/\(gate)-1.json")).map(\.text)
                #expect(shown.contains(material) && shown.contains(RevokedMaterial.Effect.unusable.rawValue), "\(gate)")
            }
            try await expectReconciled(room)
            try expectPolicies(of: record.plan)
        }
    }

    /// The example, for the room's key.
    private func definition(of material: String, in room: CeremonyRoom) throws -> String {
        let example = URL(filePath: #filePath).appending(path: "../../../../ceremony/revoke.yaml").standardized
        let text = try String(contentsOf: example, encoding: .utf8)
            .replacing(String(repeating: "0123456789abcdef", count: 4), with: material)
        let copy = room.base.appending(path: "revoke.yaml")
        try Data(text.utf8).write(to: copy)
        return copy.path
    }

    /// One deletion is on AWS's record, of this material, by who activates; both verifiers hold what is recorded of it.
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
        #expect(ours.status == 0 && ours.stdoutText.contains("AGREED: 1 of 1 calls"), "\(ours.stdoutText)")
        #expect(script.stdoutText == ours.stdoutText, "\(script.stdoutText)\(script.stderrText)")
    }

    /// Only who activates may delete, and nothing of the key is for anybody else but to be looked at.
    private func expectPolicies(of plan: Plan) throws {
        var access = CeremonyAccess(of: plan)
        for role in CeremonyRole.allCases {
            access.people.roles[role] = "arn:aws:iam::\(access.account):role/\(role.rawValue)"
        }
        access.people.window = plan.window
        access.people.administrators = ["arn:aws:iam::\(access.account):role/keys"]
        let (roles, key) = (try RolePolicies(access), plan.slots[0].key)
        func statements(_ role: CeremonyRole) throws -> [PolicyStatement] {
            try roles.policies(of: role).flatMap(\.statements)
        }
        let (from, until) = (plan.window.from.description, plan.window.until.description)
        #expect(
            try statements(.activate) == [
                PolicyStatement(
                    "Delete", .allow, actions: [Self.deletion], resources: [key],
                    conditions: [
                        PolicyCondition(.dateGreaterThanEquals, "aws:CurrentTime", from),
                        PolicyCondition(.dateLessThanEquals, "aws:CurrentTime", until),
                    ])
            ])
        let (looks, own) = (try statements(.look), ["cloudtrail:LookupEvents", "iam:SimulatePrincipalPolicy"])
        #expect(
            looks.filter { !$0.actions.patterns.contains(where: own.contains) } == [
                PolicyStatement(
                    "Read", .allow, actions: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListKeyRotations"],
                    resources: [key])
            ])
        #expect(looks.flatMap(\.actions.patterns).count { own.contains($0) } == own.count)
        for role in [CeremonyRole.create, .fetch, .import] { #expect(try statements(role).isEmpty) }
        try expectKeyPolicy(access, from, until)
    }

    private static let deletion = "kms:DeleteImportedKeyMaterial"

    /// The key's own policy lets the same role delete, in the window, and denies it to everybody else.
    private func expectKeyPolicy(_ access: CeremonyAccess, _ from: String, _ until: String) throws {
        func deny(_ sid: String, _ condition: PolicyCondition) -> PolicyStatement {
            PolicyStatement(
                sid, .deny, principals: [.everyone], actions: [Self.deletion], resources: ["*"], conditions: [condition]
            )
        }
        let role = try #require(access.people.roles[.activate])
        let all = try KeyPolicyPrint(try #require(access.keys.first), of: access).policy().statements
        #expect(
            all.filter { $0.actions.patterns.contains(Self.deletion) } == [
                PolicyStatement(
                    "Activate", .allow, principals: [.aws(role)], actions: [Self.deletion], resources: ["*"]),
                deny("OnlyActivateRole", PolicyCondition(.arnNotEquals, "aws:PrincipalArn", role)),
                deny("NoDeletionBefore", PolicyCondition(.dateLessThan, "aws:CurrentTime", from)),
                deny("NoDeletionAfter", PolicyCondition(.dateGreaterThan, "aws:CurrentTime", until)),
            ])
        let others = [
            "kms:ImportKeyMaterial", "kms:GetParametersForImport", "kms:RotateKeyOnDemand", "kms:UpdateAlias",
        ]
        #expect(Set(all.flatMap(\.actions.patterns)).isDisjoint(with: others))
    }
}
