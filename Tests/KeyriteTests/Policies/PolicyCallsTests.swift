import AWS
import Estate
import Evidence
import Foundation
import FoundationNetworking
import Room
import TestSupport
import Testing

/// What the printed policies allow, and what a ceremony calls: either must be the other.
@Suite("Printed policies and the calls of a ceremony")
struct PolicyCallsTests {
    @Test("are the same: each call is allowed to the one role that makes it, and nothing is allowed that is not called")
    func calls() async throws {
        try await CeremonyRoom.with(hostsModule: true) { room in
            let definition = try await seed(room)
            let before = Set(try await events(of: room).map(\.id))
            // So that the key whose creation was not answered is looked for among all.
            try await loseAnswerOfCreateKey(room)
            try await room.plan(definition: definition)
            try await room.holdPlanned()
            let plan = try room.record().plan
            let made = try room.record()
            var access = CeremonyAccess(of: plan)
            for role in CeremonyRole.allCases {
                access.people.roles[role] = "arn:aws:iam::\(access.account):role/\(role.rawValue)"
            }
            let calls = try await events(of: room).filter { !before.contains($0.id) }.flatMap {
                try RecordedCall.requests(of: $0, in: made)
            }
            let roles = try RolePolicies(access)
            let policies = try Dictionary(
                uniqueKeysWithValues: CeremonyRole.allCases.map { ($0, try roles.policies(of: $0)) })
            for call in calls {
                let allowed = CeremonyRole.allCases.filter { policies[$0]?.contains { $0.allows(call) } == true }
                let makes = CeremonyRole.making(String(call.action.dropFirst("kms:".count)))
                #expect(allowed == [makes], "\(call.action) at \(call.resource ?? "-")")
            }
            for (role, policies) in policies {
                for statement in policies.flatMap(\.statements) {
                    // What is called beside KMS has no events; who looks has it alone.
                    guard statement.actions.patterns.allSatisfy({ $0.hasPrefix("kms:") }) else {
                        #expect(role == .look && ["Simulate", "LookUpEvents"].contains(statement.sid))
                        continue
                    }
                    for action in statement.actions.patterns {
                        let isCalled = calls.contains { $0.action == action && statement.concerns($0) == .yes }
                        #expect(isCalled, "\(role): \(statement.sid ?? "-") allows \(action)")
                    }
                }
            }
            try expectKeyPolicies(of: access, allow: calls, made)
            try await expectNewKeysKnown(room, made)
        }
    }

    /// A key that was made is known by the transcript; one that somebody put in its place, with its tags, is not.
    private func expectNewKeysKnown(_ room: CeremonyRoom, _ record: Record) async throws {
        let slot = try #require(record.plan.slots.first { $0.alias == "alias/archive" })
        func check(_ key: String) async throws -> ProcessOutcome {
            try await CeremonyRoom.keyrite(
                ["policy", "check", room.ceremony, "--site", room.room.siteFile, "--key", key]
                    + PolicyPrintTests.roles)
        }
        #expect(try await check("alias/archive").status == 5)
        let client = try room.room.client()
        let marker = Tag(tagKey: KeyTag.marker, tagValue: slot.label)
        let stranger = try await client.createKey(.init(origin: .external, tags: [marker])).output.keyMetadata
        _ = try await client.updateAlias(.init(aliasName: "alias/archive", targetKeyID: stranger.keyID))
        let refused = try await check("alias/archive")
        #expect(refused.status == 2)
        #expect(refused.stderrText.contains("\(stranger.arn) is no key of the plan"), "\(refused.stderrText)")
        #expect(try await check(try #require(record.key(of: slot))).status == 5)
    }

    /// Every key's own policy allows its calls, and has none in it for a role that does not call it.
    private func expectKeyPolicies(of access: CeremonyAccess, allow calls: [PolicyRequest], _ made: Record) throws {
        for key in access.keys {
            let policy = try KeyPolicyPrint(key, of: access).policy()
            let arn = try #require(
                key.part == .new
                    ? made.plan.slots.first { $0.alias == key.alias }.flatMap { made.key(of: $0) } : key.arn)
            // That AWS finds a key again by its tag is a matter of the roles' own policies.
            let own = calls.filter {
                $0.resource == arn && !["kms:CreateKey", "kms:TagResource"].contains($0.action)
                    && !($0.action == "kms:ListResourceTags" && (key.part == .first || key.part == .rotated))
            }
            #expect(!own.isEmpty)
            for call in own {
                let role = CeremonyRole.making(String(call.action.dropFirst("kms:".count)))
                let granting = policy.statements.filter { statement in
                    statement.effect == .allow && statement.concerns(call) == .yes
                        && statement.principals?.members.contains { $0.wholeAccount == nil } == true
                }
                let names = Set(granting.flatMap { $0.principals?.members ?? [] })
                #expect(names == [.aws(role.flatMap { access.people.roles[$0] } ?? "")], "\(call.action) at \(arn)")
            }
            for statement in policy.statements where statement.effect == .allow {
                guard let member = statement.principals?.members.first, member.wholeAccount == nil else { continue }
                for action in statement.actions.patterns {
                    #expect(
                        own.contains { $0.action == action && statement.concerns($0) == .yes },
                        "\(statement.sid ?? "-") allows \(action)")
                }
            }
        }
    }

    /// A key for each strategy, and for each way in which material is shown to be there.
    ///
    /// - Returns: The definition's path.
    private func seed(_ room: CeremonyRoom) async throws -> String {
        let client = try room.room.client()
        let signing = try await room.room.createPendingKey(description: "signs", keySpec: .p256)
        let bare = try await room.room.createPendingKey(description: "has no alias")
        for (alias, spec, usage) in [
            ("mac", AWS.KeySpec.hmac256, AWS.KeyUsage.generateVerifyMAC),
            ("archive", .symmetricDefault, .encryptDecrypt),
        ] {
            let key = try await client.createKey(
                .init(description: alias, keyUsage: usage, keySpec: spec, origin: .awsKMS)
            ).output.keyMetadata.arn
            _ = try await client.createAlias(.init(aliasName: "alias/" + alias, targetKeyID: key))
        }
        let path = room.base.path + "/definition.yaml"
        let text = """
            schema: keyrite.definition/1
            title: Every call there is
            windowHours: 24
            wrappingKeySpec: RSA_2048
            keys:
              - {alias: \(CeremonyRoom.alias), strategy: rotate, proof: true}
              - {key: "\(signing)", alias: alias/sign, strategy: import, proof: true}
              - {key: "\(bare)", strategy: import, proof: false}
              - {alias: alias/mac, strategy: replace, proof: true}
              - {alias: alias/archive, strategy: replace, proof: true}
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private func events(of room: CeremonyRoom) async throws -> [LookedUpEvent] {
        let access = try #require(try room.room.site.access?.resolved())
        let trail = try CloudTrailClient(access.configuration(at: access.trailEndpoint)) {}
        return try await trail.allEvents(.init()).filter { $0.source == "kms.amazonaws.com" }
    }

    private func loseAnswerOfCreateKey(_ room: CeremonyRoom) async throws {
        var request = URLRequest(url: try #require(URL(string: room.room.site.endpoint + "/_keyrite/admin")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(
            #"{"action":"set-faults","rules":[{"operation":"CreateKey","times":1,"fault":"lose-answer"}]}"#.utf8)
        let (answer, response) = try await URLSession.shared.data(for: request)
        try #require((response as? HTTPURLResponse)?.statusCode == 200, "\(String(decoding: answer, as: UTF8.self))")
    }
}

/// An event of a call, as AWS would have authorized it.
private enum RecordedCall {
    private struct Event: Decodable {
        struct Tag: Decodable {
            let tagKey: String
            let tagValue: String
        }
        struct Parameters: Decodable {
            let keyId: String?
            let aliasName: String?
            let targetKeyId: String?
            let wrappingAlgorithm: String?
            let wrappingKeySpec: String?
            let expirationModel: String?
            let keySpec: String?
            let keyUsage: String?
            let origin: String?
            let multiRegion: Bool?
            let bypassPolicyLockoutSafetyCheck: Bool?
            let encryptionContext: [String: String]?
            let tags: [Tag]?
        }
        struct Resource: Decodable {
            private enum CodingKeys: String, CodingKey { case arn = "ARN" }
            let arn: String
        }
        let errorCode: String?
        let requestParameters: Parameters?
        let resources: [Resource]?
        let eventType: String
    }

    /// What must be allowed for the call: one thing, but for aliases and tags of a new key.
    static func requests(of event: LookedUpEvent, in record: Record) throws -> [PolicyRequest] {
        let seen = try JSONDecoder().decode(Event.self, from: Data(event.text.utf8))
        // What does not exist is answered so before anything is asked of a policy.
        guard seen.eventType == "AwsApiCall", seen.errorCode == nil else { return [] }
        let asked = seen.requestParameters
        let arns = (seen.resources ?? []).map(\.arn)
        var resources = arns.filter { $0.contains(":key/") }
        switch event.name {
        case "CreateKey", "ListKeys": resources = ["*"]
        case "CreateAlias", "UpdateAlias":
            let slot = try #require(record.plan.slots.first { $0.alias == asked?.aliasName })
            let target = try #require(record.key(of: slot))
            let alias = slot.key.replacing(#/key\/.*$/#, with: asked?.aliasName ?? "")
            resources = [alias, target] + (event.name == "UpdateAlias" ? [slot.key] : [])
        default: try #require(resources.count == 1, "\(event.text)")
        }
        var context = self.context(asked)
        var requests = resources.map { resource in
            context["aws:ResourceTag/keyrite"] = tags(of: resource, in: record)
            if context["aws:ResourceTag/keyrite"] != [] { context["kms:KeyOrigin"] = ["EXTERNAL"] }
            return PolicyRequest("kms:" + event.name, resource, PolicyContext(context, isWhole: true))
        }
        if event.name == "CreateKey", let key = arns.first(where: { $0.contains(":key/") }) {
            requests.append(PolicyRequest("kms:TagResource", key, PolicyContext(context, isWhole: true)))
        }
        return requests
    }

    private static func tags(of resource: String, in record: Record) -> [String] {
        record.plan.slots.filter { $0.strategy == .replace && record.key(of: $0) == resource }.map(\.label)
    }

    private static func context(_ asked: Event.Parameters?) -> [String: [String]] {
        func one(_ value: String?) -> [String] { value.map { [$0] } ?? [] }
        let keyId = asked?.keyId ?? ""
        let alias = keyId.contains("alias/") ? "alias/" + keyId.split(separator: "alias/", maxSplits: 1)[0] : nil
        var context = [
            "kms:WrappingAlgorithm": one(asked?.wrappingAlgorithm), "kms:WrappingKeySpec": one(asked?.wrappingKeySpec),
            "kms:ExpirationModel": one(asked?.expirationModel), "kms:KeySpec": one(asked?.keySpec),
            "kms:KeyUsage": one(asked?.keyUsage), "kms:KeyOrigin": one(asked?.origin),
            // KMS takes what is not said for false.
            "kms:MultiRegion": [asked?.multiRegion == true ? "true" : "false"],
            "kms:BypassPolicyLockoutSafetyCheck": one(asked?.bypassPolicyLockoutSafetyCheck.map { "\($0)" }),
            "aws:TagKeys": (asked?.tags ?? []).map(\.tagKey),
            "kms:EncryptionContextKeys": asked?.encryptionContext?.keys.sorted() ?? [],
            "kms:RequestAlias": one(alias),
        ]
        for tag in asked?.tags ?? [] { context["aws:RequestTag/\(tag.tagKey)"] = [tag.tagValue] }
        return context
    }
}
