import AWS
import Foundation
import Testing

@Suite("A role's session on the wire", .timeLimit(.minutes(60)))
struct STSRoleTests {
    /// In the form of AWS's own example: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    static let answer = """
        <?xml version="1.0" encoding="UTF-8"?>
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleResult>
          <SourceIdentity>Alice</SourceIdentity>
            <AssumedRoleUser>
              <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
              <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId>
            </AssumedRoleUser>
            <Credentials>
              <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
              <SecretAccessKey>wJalrXUtnFEMI/K7MDENG&amp;bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
              <SessionToken>AQoDYXdzEPT//////////wEXAMPLE+&#61;&#x3D;</SessionToken>
              <Expiration>2026-07-01T13:00:00Z</Expiration>
            </Credentials>
            <PackedPolicySize/>
          </AssumeRoleResult>
          <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
        </AssumeRoleResponse>

        """

    private static func input(code: String? = nil) throws -> AssumeRole.Input {
        AssumeRole.Input(
            roleARN: "arn:aws:iam::123456789012:role/demo", sessionName: try SessionName("keyrite-1", from: "it"),
            mfa: try code.map { AssumeRole.MFA(serial: "GAHT12345678", code: try .example($0)) },
            tags: [try SessionTag(key: "Ceremony", value: "keys 2026"), try SessionTag(key: "b", value: "")])
    }

    @Test("the question is a signed form, and the session is read to its entities")
    func session() async throws {
        try await ScriptedServer.playing([.answer(Self.answer)]) { server in
            let answer = try await STSClient(.example(server.endpoint)).assumeRole(Self.input(), at: TestTime.start)
            let found = answer.output.credentials
            #expect(found.accessKeyID == "ASIAIOSFODNN7EXAMPLE")
            #expect(found.secretAccessKey.revealed == "wJalrXUtnFEMI/K7MDENG&bPxRfiCYzEXAMPLEKEY")
            #expect(found.sessionToken?.revealed == "AQoDYXdzEPT//////////wEXAMPLE+==")
            #expect(found.expiration == TestTime.start.addingTimeInterval(3_600))
            #expect(answer.output.arn == "arn:aws:sts::123456789012:assumed-role/demo/TestAR")
            #expect(answer.requestID == "c6104cbe-af31-11e0-8154-cbc7ccf896c7")
            let received = try #require(server.received.first)
            #expect(
                String(decoding: received.body, as: UTF8.self)
                    == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo"
                    + "&RoleSessionName=keyrite-1&Tags.member.1.Key=Ceremony&Tags.member.1.Value=keys%202026"
                    + "&Tags.member.2.Key=b&Tags.member.2.Value=")
            #expect(received.header("authorization") != nil)
        }
    }

    @Test(
        "an answer that is not exactly one session is none, and nothing of it is told",
        arguments: [
            "", "AssumeRoleResponse", "<AssumeRoleResponse/>",
            answer.replacing("<Expiration>2026-07-01T13:00:00Z</Expiration>", with: ""),
            answer.replacing("2026-07-01T13:00:00Z", with: "tomorrow"),
            answer.replacing("</SessionToken>", with: "</SessionToken><SessionToken>x</SessionToken>"),
            answer.replacing("<SessionToken>", with: "<SessionToken><b>x</b>"),
            answer.replacing("<SessionToken>", with: "<SessionToken><!-- x -->"),
            answer.replacing("<SessionToken>", with: "<SessionToken><![CDATA[x]]>"),
            answer.replacing("<Credentials>", with: "x<Credentials>"),
            answer.replacing("</Credentials>", with: "x</Credentials>"),
            answer.replacing("</SessionToken>", with: "</Token>"), answer.replacing("&amp;", with: "&evil;"),
            answer.replacing("&amp;", with: "&#300;"), answer.replacing("&amp;", with: "&amp"),
            answer.replacing("<AssumeRoleResponse", with: "<!DOCTYPE a [<!ENTITY b \"c\">]><AssumeRoleResponse"),
            answer.replacing("<PackedPolicySize/>", with: String(repeating: "<a>", count: 20)),
            answer.replacing("<PackedPolicySize/>", with: (0..<300).map { "<a\($0)/>" }.joined()),
            answer + "<more/>", String(answer.dropLast(30)),
            answer.replacing("AssumeRoleResponse", with: "AssumeRootResponse"),
        ])
    func malformed(_ body: String) async throws {
        try await ScriptedServer.playing([.answer(body)]) { server in
            let client = try STSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.assumeRole(Self.input(), at: TestTime.start) }
            guard case .unanswered = error else { throw Unexpected(error) }
            #expect(!error.description.contains("EXAMPLE"))
        }
    }

    @Test("a session that is over, or that no header carries, is refused")
    func unusable() async throws {
        let over = Self.answer.replacing("2026-07-01T13", with: "2026-07-01T11")
        for body in [over, Self.answer.replacing("AQoD", with: "AQ oD")] {
            try await ScriptedServer.playing([.answer(body)]) { server in
                let client = try STSClient(.example(server.endpoint))
                let error = try await failure { _ = try await client.assumeRole(Self.input(), at: TestTime.start) }
                guard case .configuration = error else { throw Unexpected(error) }
                #expect(!error.description.contains("AQ"))
            }
        }
    }

    @Test("an answer of more than 64 KiB is not read")
    func flood() async throws {
        let body = Self.answer + String(repeating: " ", count: 65_536)
        try await ScriptedServer.playing([.answer(body), .answer(body), .answer(body)]) { server in
            let client = try STSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.assumeRole(Self.input(), at: TestTime.start) }
            #expect(error.description.contains("the answer has more than 65536 bytes"))
        }
    }

    @Test("a token of an identity provider is sent unsigned, and stands in no error that quotes it")
    func webIdentity() async throws {
        let refusal = """
            <ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>
            <Message>No provider for eyJ.hunter2.x</Message></Error><RequestId>r-1</RequestId></ErrorResponse>
            """
        try await ScriptedServer.playing([.answer(status: 400, refusal)]) { server in
            var configuration = try AWSClient.Configuration.example(server.endpoint)
            configuration.credentials = NoCredentials()
            let client = try STSClient(configuration)
            let error = try await failure {
                _ = try await client.assumeRoleWithWebIdentity(
                    .init(
                        roleARN: "arn:aws:iam::1:role/r", sessionName: SessionName("s1", from: "it"),
                        token: .example("eyJ.hunter2.x")), at: TestTime.start)
            }
            #expect(
                error.description == "AssumeRoleWithWebIdentity was refused with InvalidIdentityToken: "
                    + "No provider for (secret) (HTTP 400, request r-1)")
            let received = try #require(server.received.first)
            #expect(received.header("authorization") == nil && received.header("x-amz-security-token") == nil)
        }
    }

    @Test("a code of an MFA device is sent once, whatever becomes of it")
    func code() async throws {
        try await ScriptedServer.playing([.hangUp]) { server in
            let client = try STSClient(.example(server.endpoint))
            let error = try await failure {
                _ = try await client.assumeRole(Self.input(code: "123456"), at: TestTime.start)
            }
            guard case .answerLost = error else { throw Unexpected(error) }
            #expect(!error.description.contains("123456"))
        }
    }

    @Test(
        "a name of a session that STS does not take is refused",
        arguments: ["", "x", "a b", "a/b", "é1", String(repeating: "a", count: 65)])
    func sessionName(_ name: String) throws {
        #expect(throws: AWSError.self) { try SessionName(name, from: "it") }
        #expect(try SessionName(String(repeating: "a", count: 64), from: "it").description.count == 64)
    }
}
