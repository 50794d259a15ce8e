import AWS
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("Roles apart, on real parts")
struct RolesTests {
    private struct Event: Decodable {
        struct Identity: Decodable {
            let type: String?
            let arn: String?
        }
        let eventName: String
        let userIdentity: Identity
        let errorCode: String?
    }

    private struct Report: Decodable {
        struct Finding: Decodable {
            let kind: String
            let words: String
        }
        let verdict: String
        let findings: [Finding]
    }

    private static let account = "111122223333"

    /// Has the embedded KMS let every role do its part, but for what is listed.
    private func permit(_ room: CeremonyRoom, without operation: String? = nil, events: [[String: Any]] = [])
        async throws
    {
        let permissions = RehearsalRoles.permissions(in: Self.account).map { caller, allow in
            ["caller": caller, "allow": allow.filter { $0 != operation }] as [String: Any]
        }
        try await room.administer(["action": "set-faults", "permissions": permissions, "events": events])
    }

    private func reconcile(_ room: CeremonyRoom) async throws -> (Int32, Report) {
        let outcome = try await CeremonyRoom.keyrite([
            "reconcile", room.ceremony, "--roster", room.rosterDigest, "--expect", "rehearsal", "--format", "json",
            "--site", room.room.siteFile,
        ])
        return (outcome.status, try JSONDecoder().decode(Report.self, from: Data(outcome.stdout)))
    }

    /// What AWS's record has of the calls of KMS by sessions of roles.
    private func recorded(_ room: CeremonyRoom) async throws -> [Event] {
        let trail = try #require(try room.room.site.access?.resolved().trailClient())
        let listed = try await trail.allEvents(.init(attribute: .init(.eventSource, "kms.amazonaws.com")))
        return try listed.map { try JSONDecoder().decode(Event.self, from: Data($0.text.utf8)) }
            .filter { $0.userIdentity.type == "AssumedRole" }
    }

    /// Goes on with everybody's signatures to the end, or to a run that stops.
    private func holdOn(_ room: CeremonyRoom) async throws -> ProcessOutcome {
        while true {
            let run = try await room.run()
            guard run.status == 3, let gate = try room.record().gates.open?.statement.gate else { return run }
            try await room.approve(gate)
        }
    }

    @Test(
        "each role may do its part alone, and that is enough; what one lacks stops the ceremony, and AWS's record agrees with it"
    )
    func held() async throws {
        try await CeremonyRoom.with(rolesApart: true) { room in
            try await permit(room, without: "GetParametersForImport")
            try await expectExamined(room)
            try await room.plan()
            let fetching = try await holdOn(room)
            #expect(fetching.status == 1)
            #expect(fetching.stderrText.contains("The role fetch may not do its part: "), "\(fetching.stderrText)")
            #expect(fetching.stderrText.contains("not authorized to perform: kms:GetParametersForImport"))

            try await permit(room, without: "ImportKeyMaterial")
            let importing = try await holdOn(room)
            #expect(importing.status == 1)
            #expect(importing.stderrText.contains("The role import may not do its part: "), "\(importing.stderrText)")
            #expect(importing.stderrText.contains("not authorized to perform: kms:ImportKeyMaterial"))

            try await permit(room)
            let closed = try await holdOn(room)
            try #require(closed.status == 0, "\(closed.stderrText)")
            try await expectOwnCalls(room)

            // CloudTrail has delivered all of it by then.
            try await room.moveClock(seconds: 1500)
            let (agreed, all) = try await reconcile(room)
            #expect(agreed == 0 && all.findings.isEmpty, "\(all)")
            try await expectNamedAfterwards(room)
            let session = "keyrite-\(try room.record().plan.ceremony)"
            let fetcher = "arn:aws:sts::\(Self.account):assumed-role/keyrite-fetch/\(session)"
            let swapped: [String: Any] = [
                "fault": "identity", "operation": "ImportKeyMaterial", "identity": fetcher, "after": 1, "times": 1,
            ]
            try await permit(room, events: [swapped])
            let (status, found) = try await reconcile(room)
            #expect(status == 5)
            #expect(found.findings.map(\.kind) == ["other-identity"])
            #expect(found.findings.allSatisfy { $0.words.contains(fetcher) })
        }
    }

    /// The names of the sessions that roles were assumed for.
    private func sessions(_ room: CeremonyRoom) async throws -> [String: Int] {
        struct Assumed: Decodable {
            struct Parameters: Decodable {
                let roleSessionName: String
            }
            let requestParameters: Parameters
        }
        let trail = try #require(try room.room.site.access?.resolved().trailClient())
        let listed = try await trail.allEvents(.init(attribute: .init(.eventName, "AssumeRole")))
        let names = try listed.map {
            try JSONDecoder().decode(Assumed.self, from: Data($0.text.utf8)).requestParameters.roleSessionName
        }
        return Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// What is given the folder calls under the ceremony's name, too.
    private func expectNamedAfterwards(_ room: CeremonyRoom) async throws {
        let session = "keyrite-\(try room.record().plan.ceremony)"
        // The test itself asks so: see what it adds.
        _ = try await sessions(room)
        let (before, own) = (try await sessions(room), try await sessions(room))
        let added = (own["keyrite"] ?? 0) - (before["keyrite"] ?? 0)
        for arguments in [
            ["reconcile", room.ceremony, "--site", room.room.siteFile],
            ["policy", "check", room.ceremony, "--site", room.room.siteFile, "--key", CeremonyRoom.alias]
                + PolicyPrintTests.roles,
        ] {
            let first = try await sessions(room)
            let outcome = try await CeremonyRoom.keyrite(arguments)
            #expect([0, 4, 5].contains(outcome.status), "\(outcome.stderrText)")
            let then = try await sessions(room)
            #expect(then["keyrite"] == first["keyrite"].map { $0 + added })
            #expect((then[session] ?? 0) > (first[session] ?? 0))
        }
    }

    /// The doctor tries each role by itself, and says which lacks what.
    private func expectExamined(_ room: CeremonyRoom) async throws {
        let findings = try await room.room.site.serviceExamination().run(
            key: CeremonyRoom.alias, wrappingKeySpec: "RSA_2048")
        let checks = Dictionary(uniqueKeysWithValues: findings.map { ($0.check, $0) })
        for role in ["create", "fetch", "import", "activate"] {
            let found = checks["identity: \(role)"]
            #expect(found?.result == .pass && found?.detail.contains("assumed-role/keyrite-\(role)/") == true)
        }
        #expect(checks["permission: Decrypt"]?.result == .pass)
        let lacking = checks["permission: GetParametersForImport"]
        #expect(lacking?.result == .fail && lacking?.detail.contains("The role fetch may not do its part") == true)
        #expect(checks["permission: ImportKeyMaterial"]?.result == .unknown)
        #expect(checks["simulation: import"] != nil && checks["simulation: activate"] != nil)
    }

    /// Each effect is one role's, whatever looks is the looking one's, and all of it is sessions named after the ceremony.
    private func expectOwnCalls(_ room: CeremonyRoom) async throws {
        let session = "keyrite-\(try room.record().plan.ceremony)"
        let events = try await recorded(room).filter { $0.userIdentity.arn?.hasSuffix("/" + session) == true }
        let owners: [String: CallerRole] = [
            "GetParametersForImport": .fetch, "ImportKeyMaterial": .import, "RotateKeyOnDemand": .activate,
        ]
        for event in events {
            let role = owners[event.eventName] ?? .look
            #expect(
                event.userIdentity.arn
                    == "arn:aws:sts::\(Self.account):assumed-role/keyrite-\(role.rawValue)/\(session)",
                "\(event.eventName)")
        }
        #expect(Set(events.map(\.eventName)).isSuperset(of: Set(owners.keys).union(["DescribeKey", "Encrypt"])))
        #expect(
            Set(events.filter { $0.errorCode == "AccessDenied" }.map(\.eventName)) == [
                "GetParametersForImport", "ImportKeyMaterial",
            ])
    }
}
