import AWS
import Foundation
import KMSEmulator
import Testing

/// docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html, Policy.
@Suite("Who sets a key policy must be able to set another")
struct PolicyLockoutTests {
    private static let account = "111122223333"
    private static let role = "arn:aws:iam::\(account):role/create"
    private static let session = "arn:aws:sts::\(account):assumed-role/create/keyrite"

    private static func statement(
        _ principal: String, _ action: String, _ more: String = "", effect: String = "Allow"
    ) -> String {
        #"{"Effect":"\#(effect)",\#(principal),\#(action),"Resource":"*"\#(more)}"#
    }

    private static func named(_ arn: String) -> String { #""Principal":{"AWS":"\#(arn)"}"# }
    private static let put = #""Action":"kms:PutKeyPolicy""#
    private static let root = named("arn:aws:iam::\(account):root")

    private static func condition(_ comparison: String, _ key: String, _ value: String) -> String {
        #","Condition":{"\#(comparison)":{"\#(key)":"\#(value)"}}"#
    }

    /// Statements, and whether the role may set them without and with an IAM policy for PutKeyPolicy.
    private static let policies: [(statements: [String], alone: Bool, byIAM: Bool)] = [
        ([], false, false),
        ([statement(root, #""Action":"kms:*""#)], false, true),
        ([statement(named(account), put)], false, true),
        ([statement(#""Principal":"*""#, #""Action":["KMS:putkey*"]"#)], true, true),
        ([statement(named(role), put)], true, true), ([statement(named(session), put)], true, true),
        ([statement(named(role), #""Action":"kms:Put?eyPolicy""#)], true, true),
        ([statement(named(role), #""Action":["kms:Get*","kms:Encrypt"]"#)], false, false),
        ([statement(named(role), #""NotAction":"kms:Decrypt""#)], true, true),
        ([statement(named(role), #""NotAction":"kms:*""#)], false, false),
        ([statement(named("arn:aws:iam::\(account):role/other"), put)], false, false),
        ([statement(named("arn:aws:iam::444455556666:root"), put)], false, false),
        ([statement(root, put), statement(named(role), put, effect: "Deny")], false, false),
        (
            [statement(named(role), put), statement(#""Principal":"*""#, #""Action":"*""#, effect: "Deny")], false,
            false
        ),
        (
            [
                statement(root, put),
                statement(
                    #""Principal":"*""#, put, condition("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin*"),
                    effect: "Deny"),
            ], false, false
        ),
        (
            [
                statement(
                    #""Principal":"*""#, put, condition("StringEquals", "kms:CallerAccount", account))
            ], true, true
        ),
        (
            [statement(#""Principal":"*""#, put, condition("StringLike", "aws:PrincipalArn", "*:role/other"))], false,
            false
        ),
        // Of what nobody knows here nobody says that it does not hold.
        ([statement(named(role), put, condition("Bool", "aws:MultiFactorAuthPresent", "true"))], true, true),
        // "The policy statement has no effect."
        ([#"{"Effect":"Allow",\#(named(role)),\#(put)}"#], false, false),
        ([#"{"Effect":"Allow",\#(named(role)),"Resource":"*"}"#], false, false),
        ([#"{"Effect":"Allow","NotPrincipal":{"AWS":"\#(role)"},\#(put),"Resource":"*"}"#], false, false),
    ]

    @Test("by the policy itself, or by IAM where the policy leaves it to the account", arguments: policies.indices)
    func set(index: Int) async throws {
        let (statements, alone, byIAM) = Self.policies[index]
        let policy = #"{"Version":"2012-10-17","Statement":[\#(statements.joined(separator: ","))]}"#
        let test = TestKeyring()
        let key = try await test.createKey(.init(multiRegion: true))
        let calls: [(_ bypass: Bool?, _ region: String) async throws -> Void] = [
            { bypass, _ in
                _ = try await test.createKey(.init(policy: policy, bypassPolicyLockoutSafetyCheck: bypass))
            },
            { bypass, _ in
                _ = try await test.keyring.serve(
                    PutKeyPolicy.self,
                    .init(keyID: key, policy: policy, bypassPolicyLockoutSafetyCheck: bypass))
            },
            {
                _ = try await test.keyring.serve(
                    ReplicateKey.self,
                    .init(keyID: key, replicaRegion: $1, policy: policy, bypassPolicyLockoutSafetyCheck: $0))
            },
        ]
        for (isLetByIAM, isTaken) in [(false, alone), (true, byIAM)] {
            let caller = PolicyLockout.Caller(
                account: Self.account, arn: Self.session, role: Self.role, isLetByIAM: isLetByIAM)
            try await PolicyLockout.$caller.withValue(caller) {
                for call in calls {
                    let region = isLetByIAM ? "eu-west-1" : "eu-west-3"
                    if isTaken {
                        try await call(nil, region)
                    } else {
                        await expectRefusal("MalformedPolicyDocumentException") { try await call(false, region) }
                        try await call(true, region)
                    }
                }
            }
        }
    }

    @Test("over the wire a role that may only create needs the bypass, and none where it names no policy")
    func wire() async throws {
        let faults = try FaultPlan(
            json: Array(#"{"permissions":[{"caller":"\#(Self.role)","allow":["CreateKey"]}]}"#.utf8))
        try await RunningEmulator.with(faults: faults) { listening in
            var configuration = try RunningEmulator.client(of: listening)
            let user = try KMSClient(configuration)
            let role = try AssumedRole(
                AssumedRole.Role(
                    arn: Self.role, sessionName: try SessionName("keyrite", from: "a test"), duration: 900),
                from: RunningEmulator.configuration().credentials, by: CredentialMeans(sts: configuration))
            configuration.credentials = try await role.credentials(at: Date())
            let create = try KMSClient(configuration)
            let policy = #"{"Statement":\#(Self.statement(Self.root, Self.put))}"#
            _ = try await user.createKey(.init(policy: policy))
            let error = await #expect(throws: AWSError.self) { _ = try await create.createKey(.init(policy: policy)) }
            #expect(error?.code?.rawValue == "MalformedPolicyDocumentException")
            _ = try await create.createKey(.init(policy: policy, bypassPolicyLockoutSafetyCheck: true))
            _ = try await create.createKey(.init())
        }
    }
}
