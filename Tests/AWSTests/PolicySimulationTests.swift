import AWS
import Ceremony
import Room
import Testing

@Suite("Permissions that cannot be tried are simulated, and never passed", .timeLimit(.minutes(60)))
struct PolicySimulationTests {
    private static let question = SimulatePrincipalPolicy.Input(
        policySource: "arn:aws:iam::111122223333:user/a+b", actions: ["kms:CreateKey", "kms:ListKeys"], resource: "*")

    /// One page in the form of AWS's own example, whose elements stand in another order than the model's:
    /// docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    private static func page(_ decisions: [(action: String, decision: String)], marker: String? = nil) -> String {
        let members = decisions.map { action, decision in
            """
            <member>
              <MatchedStatements><member><SourcePolicyId>own</SourcePolicyId></member></MatchedStatements>
              <MissingContextValues/>
              <ResourceSpecificResults><member><EvalResourceName>*</EvalResourceName>
                <EvalResourceDecision>\(decision)</EvalResourceDecision></member></ResourceSpecificResults>
              <EvalResourceName>*</EvalResourceName>
              <EvalDecision>\(decision)</EvalDecision>
              <EvalActionName>\(action)</EvalActionName>
            </member>
            """
        }
        return """
            <SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
              <SimulatePrincipalPolicyResult>
                <IsTruncated>\(marker != nil)</IsTruncated>\(marker.map { "<Marker>\($0)</Marker>" } ?? "")
                <EvaluationResults>\(members.joined())</EvaluationResults>
              </SimulatePrincipalPolicyResult>
              <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
            </SimulatePrincipalPolicyResponse>
            """
    }

    @Test("the question is a form signed for IAM, and every page of the answer is read")
    func wire() async throws {
        let pages = [
            Self.page([], marker: "m/1"), Self.page([("kms:ListKeys", "explicitDeny")], marker: "m&amp;2"),
            Self.page([("kms:CreateKey", "allowed")]),
        ]
        try await ScriptedServer.playing(pages.map { .answer($0) }) { server in
            let decisions = try await IAMClient(.example(server.endpoint)).simulatePrincipalPolicy(Self.question)
            #expect(decisions == ["kms:CreateKey": .allowed, "kms:ListKeys": .explicitDeny])
            let form = """
                Action=SimulatePrincipalPolicy&Version=2010-05-08\
                &PolicySourceArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Auser%2Fa%2Bb&ResourceArns.member.1=%2A\
                &ActionNames.member.1=kms%3ACreateKey&ActionNames.member.2=kms%3AListKeys
                """
            #expect(
                server.received.map { String(decoding: $0.body, as: UTF8.self) }
                    == [form, form + "&Marker=m%2F1", form + "&Marker=m%262"])
            let scope = server.received.first?.header("authorization").flatMap { AuthorizationHeader($0) }?.scope
            #expect(scope == CredentialScope(day: "20260701", region: "eu-central-1", service: "iam"))
        }
    }

    @Test(
        "an answer that does not decide on each action once is none",
        arguments: [
            [""], [page([("kms:CreateKey", "allowed")])],
            [page([("kms:CreateKey", "allowed"), ("kms:ListKeys", "allowed"), ("kms:ListKeys", "implicitDeny")])],
            [page([("kms:CreateKey", "allowed"), ("kms:ListAliases", "allowed")])],
            [page([("kms:CreateKey", "allowed"), ("kms:ListKeys", "a<EvalDecision>")])],
            [page([("kms:CreateKey", "allowed"), ("kms:ListKeys", "allowed</EvalDecision><EvalDecision>allowed")])],
            [page([("kms:CreateKey", "allowed")], marker: "1"), page([("kms:ListKeys", "allowed")], marker: "1")],
        ])
    func malformed(_ pages: [String]) async throws {
        try await ScriptedServer.playing(pages.map { .answer($0) }) { server in
            let client = try IAMClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.simulatePrincipalPolicy(Self.question) }
            guard case .unanswered = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test(
        "a session is asked for as its role; whom IAM does not simulate, it is not asked for",
        arguments: [
            ("arn:aws:iam::1:user/x/ada", "arn:aws:iam::1:user/x/ada"),
            ("arn:aws-cn:sts::1:assumed-role/ceremony/ada", "arn:aws-cn:iam::1:role/ceremony"),
            ("arn:aws:iam::1:root", nil), ("arn:aws:sts::1:federated-user/ada", nil), ("ada", nil),
        ])
    func policySource(caller: String, asked: String?) async throws {
        let identity = STSClientTests.answer.replacing(/<Arn>.*<\/Arn>/, with: "<Arn>\(caller)</Arn>")
        let replies = [Reply.answer(identity), .answer("{\"Keys\": []}")]
        let decided = Reply.answer(Self.page([("kms:CreateKey", "allowed")]))
        try await ScriptedServer.playing(replies + (asked == nil ? [] : [decided])) { server in
            let findings = try await Self.examination(.example(server.endpoint)).run(key: nil, wrappingKeySpec: "x")
            let results = Dictionary(uniqueKeysWithValues: findings.map { ($0.check, $0.result) })
            #expect(results["permission: UpdateAlias"] == .unknown)
            #expect(results["permission: CreateKey"] == (asked == nil ? .unknown : .simulated))
            #expect(results["simulation"] == (asked == nil ? .unknown : nil))
            guard let asked else { return }
            let form = try #require(server.received.last).body
            let source = asked.replacing(":", with: "%3A").replacing("/", with: "%2F")
            #expect(String(decoding: form, as: UTF8.self).contains("&PolicySourceArn=\(source)&"))
        }
    }

    @Test("against ministack's IAM: the worst of key and alias counts, and nothing that is simulated passes")
    func ministack() async throws {
        try await MiniStack.running { configuration in
            let kms = try KMSClient(configuration)
            let made = try await kms.createKey(.init()).output.keyMetadata
            _ = try await kms.createAlias(.init(aliasName: "alias/payments", targetKeyID: made.keyID))
            let policy = """
                {"Version": "2012-10-17", "Statement": [
                  {"Effect": "Allow", "Action": ["kms:ImportKeyMaterial", "kms:CreateAlias", "kms:RotateKeyOnDemand"],
                   "Resource": "\(made.arn)"},
                  {"Effect": "Allow", "Action": "kms:UpdateAlias", "Resource": "*"},
                  {"Effect": "Deny", "Action": "kms:Rotate*", "Resource": "*"}
                ]}
                """
            let user: [String: String] = try await Python.run(
                "iam_user",
                ["endpoint": "\(try #require(configuration.endpoint))", "name": "ada", "policy": policy])
            var own = configuration
            own.credentials = try Credentials.example(try #require(user["key"]), try #require(user["secret"]))
            let findings = try await Self.examination(own).run(key: "alias/payments", wrappingKeySpec: "RSA_2048")
            #expect(findings.first?.detail.hasSuffix(":user/ada") == true, "\(findings)")
            let expected: [(call: String, result: Finding.Result, detail: String)] = [
                ("ImportKeyMaterial", .simulated, "at \(made.arn);"), ("UpdateAlias", .simulated, "at "),
                ("RotateKeyOnDemand", .warn, "simulated: explicitDeny at \(made.arn)"),
                (
                    "CreateAlias", .warn,
                    "simulated: implicitDeny at \(made.arn.replacing(/:key.*/, with: ":alias/payments"))"
                ),
                ("TagResource", .warn, "simulated: implicitDeny at \(made.arn)"),
                ("DeleteImportedKeyMaterial", .warn, "simulated: implicitDeny at \(made.arn)"),
                ("CreateKey", .warn, "simulated: implicitDeny at *"),
            ]
            for (call, result, detail) in expected {
                let finding = findings.first { $0.check == "permission: \(call)" }
                #expect(finding?.result == result && finding?.detail.contains(detail) == true, "\(findings)")
            }
        }
    }

    private static func examination(_ configuration: AWSClient.Configuration) throws -> ServiceExamination {
        let service = KeyService(
            kms: try KMSClient(configuration), sts: try STSClient(configuration),
            quotas: Quotas(everywhere: 1000))
        return ServiceExamination(kms: service, iam: try IAMClient(configuration), clock: SystemClock())
    }
}
