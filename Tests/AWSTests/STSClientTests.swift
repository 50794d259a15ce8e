import AWS
import Testing

@Suite("The STS client on the wire", .timeLimit(.minutes(60)))
struct STSClientTests {
    // The answer of AWS's own example: docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    static let answer = """
        <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <GetCallerIdentityResult>
           <Arn>arn:aws:iam::123456789012:user/Alice&amp;Bob</Arn>
            <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>
            <Account>123456789012</Account>
          </GetCallerIdentityResult>
          <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
        </GetCallerIdentityResponse>
        """

    @Test("the caller's account and ARN are read")
    func identity() async throws {
        try await ScriptedServer.playing([.answer(Self.answer)]) { server in
            let answer = try await STSClient(.example(server.endpoint)).getCallerIdentity()
            #expect(
                answer.output
                    == .init(
                        account: "123456789012", arn: "arn:aws:iam::123456789012:user/Alice&Bob",
                        userID: "AIDACKCEVSQ6C2EXAMPLE"))
            #expect(answer.requestID == "01234567-89ab-cdef-0123-456789abcdef")
            let received = try #require(server.received.first)
            #expect(String(decoding: received.body, as: UTF8.self) == "Action=GetCallerIdentity&Version=2011-06-15")
            let scope = received.header("authorization").flatMap { AuthorizationHeader($0) }?.scope
            #expect(scope == CredentialScope(day: "20260701", region: "eu-central-1", service: "sts"))
        }
    }

    @Test("an error in XML has its code")
    func error() async throws {
        let body = """
            <ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>It &lt;has&gt; expired</Message>
            </Error><RequestId>r-1</RequestId></ErrorResponse>
            """
        try await ScriptedServer.playing([.answer(status: 403, body)]) { server in
            let client = try STSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.getCallerIdentity() }
            #expect(
                error.description
                    == "GetCallerIdentity was refused with ExpiredToken: It <has> expired (HTTP 403, request r-1)")
        }
    }

    @Test(
        "an answer that is not exactly one identity is none",
        arguments: [
            "", answer.replacing("<Account>123456789012</Account>", with: ""),
            answer.replacing("</Account>", with: "</Account><Account>1</Account>"),
            answer.replacing("&amp;", with: "&evil;"), answer.replacing("&amp;", with: "<b/>"),
            answer.replacing("&amp;", with: "&amp"),
        ])
    func malformed(_ body: String) async throws {
        try await ScriptedServer.playing([.answer(body)]) { server in
            let client = try STSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.getCallerIdentity() }
            guard case .unanswered = error else { throw Unexpected(error) }
        }
    }
}
