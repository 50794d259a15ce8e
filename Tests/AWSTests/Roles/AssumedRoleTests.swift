import AWS
import CryptoPrimitives
import Foundation
import Synchronization
import Testing

@Suite("An assumed role", .timeLimit(.minutes(60)))
struct AssumedRoleTests {
    private static let arn = "arn:aws:iam::123456789012:role/demo"

    private static func role(mfa: String? = nil, name: String = "keyrite-1") throws -> AssumedRole.Role {
        AssumedRole.Role(arn: arn, sessionName: try SessionName(name, from: "it"), mfaSerial: mfa)
    }

    private static func means(
        _ server: ScriptedServer, _ code: CredentialMeans.MFACode? = nil
    ) throws -> CredentialMeans {
        CredentialMeans(sts: try .example(server.endpoint), mfaCode: code)
    }

    @Test("stands on any credentials, an assumed role's too, and is one provider among others")
    func onTop() async throws {
        try await ScriptedServer.answering(CredentialServer.rule) { server in
            let means = try Self.means(server)
            let base = try Credentials.example("AKIABASE")
            let low = try AssumedRole(Self.role(name: "looking"), from: base, by: means)
            let high = try AssumedRole(Self.role(name: "importing"), from: low, by: means)
            let key = try await high.credentials(at: TestTime.start).accessKeyID
            var call = CredentialServer.Call()
            call.fields = ["RoleArn": Self.arn, "RoleSessionName": "looking"]
            var next = call
            next.fields["RoleSessionName"] = "importing"
            #expect(key == CredentialServer.key(from: "AKIABASE", [call, next]))
        }
    }

    @Test("that needs a code nobody can be asked for says so before anything is sent")
    func nobody() async throws {
        try await ScriptedServer.playing([]) { server in
            let error = try await failure {
                _ = try AssumedRole(Self.role(mfa: "GAHT12345678"), from: Credentials.example(), by: Self.means(server))
            }
            #expect(
                error.description
                    == "the role \(Self.arn) needs a code of the MFA device GAHT12345678, and nobody can be "
                    + "asked for it here; run it at a terminal, or use a profile without mfa_serial")
        }
    }

    @Test("gets a code for each session, and what is none is not sent", arguments: ["98765", "9876543", "98765a", ""])
    func code(_ wrong: String) async throws {
        try await ScriptedServer.playing([.answer(Self.answer)]) { server in
            let good = try AssumedRole(
                Self.role(mfa: "GAHT12345678"), from: Credentials.example(),
                by: Self.means(server) { question in
                    #expect(question.device == "GAHT12345678" && question.role == Self.arn)
                    return try .example("987654")
                })
            _ = try await good.credentials(at: TestTime.start)
            #expect(
                String(decoding: try #require(server.received.first).body, as: UTF8.self)
                    .hasSuffix("&SerialNumber=GAHT12345678&TokenCode=987654"))
            let bad = try AssumedRole(
                Self.role(mfa: "GAHT12345678"), from: Credentials.example(),
                by: Self.means(server) { _ in try .example(wrong) })
            let error = try await failure { _ = try await bad.credentials(at: TestTime.start) }
            #expect(error.description.hasPrefix("a code of the MFA device GAHT12345678 has six digits"))
            #expect(wrong.isEmpty || !error.description.contains(wrong))
        }
    }

    private static let answer = STSRoleTests.answer.replacing("demo/TestAR", with: "demo/keyrite-1")

    @Test("with a path is the one that was asked for, which its session's ARN does not show")
    func path() async throws {
        try await ScriptedServer.playing([.answer(Self.answer)]) { server in
            let role = AssumedRole.Role(
                arn: "arn:aws:iam::123456789012:role/a/service-role/demo",
                sessionName: try SessionName("keyrite-1", from: "it"))
            let provider = try AssumedRole(role, from: Credentials.example(), by: Self.means(server))
            #expect(try await provider.credentials(at: TestTime.start).accessKeyID == "ASIAIOSFODNN7EXAMPLE")
        }
    }

    @Test(
        "of another partition, account, name or session than was asked for is not used",
        arguments: [
            "arn:aws-cn:sts::123456789012:assumed-role/demo/keyrite-1",
            "arn:aws:sts::123456789013:assumed-role/demo/keyrite-1",
            "arn:aws:sts::123456789012:assumed-role/Demo/keyrite-1",
            "arn:aws:sts::123456789012:assumed-role/demo/keyrite-2",
            "arn:aws:sts::123456789012:assumed-role/a/demo/keyrite-1", "arn:aws:iam::123456789012:role/demo",
        ])
    func otherRole(_ arn: String) async throws {
        let body = STSRoleTests.answer.replacing(
            "arn:aws:sts::123456789012:assumed-role/demo/TestAR", with: arn)
        try await ScriptedServer.playing([.answer(body)]) { server in
            let role = try AssumedRole(Self.role(), from: Credentials.example(), by: Self.means(server))
            let error = try await failure { _ = try await role.credentials(at: TestTime.start) }
            #expect(
                error.description
                    == "the role \(Self.arn) was not assumed: STS gave a session of \(arn), and "
                    + "arn:aws:sts::123456789012:assumed-role/demo/keyrite-1 was asked for. It is not used. Check role_arn and "
                    + "the STS endpoint")
        }
    }

    @Test("that was refused for a wrong code is told so, though the session before is good yet")
    func wrongCode() async throws {
        let denial = """
            <ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>invalid code</Message></Error>
            <RequestId>r-1</RequestId></ErrorResponse>
            """
        try await ScriptedServer.playing([.answer(Self.answer), .answer(status: 403, denial)]) { server in
            let codes = Mutex(["987654", "987655", "9876"])
            let role = try AssumedRole(
                Self.role(mfa: "GAHT12345678"), from: Credentials.example(),
                by: Self.means(server) { _ in try .example(codes.withLock { $0.removeFirst() }) })
            try await role.prepare(at: TestTime.start, for: 900)
            let later = TestTime.start.addingTimeInterval(3_000)
            let refused = try await failure { try await role.prepare(at: later, for: 900) }
            #expect(refused.description.contains("AssumeRole was refused with AccessDenied: invalid code"))
            let short = try await failure { try await role.prepare(at: later, for: 900) }
            #expect(short.description.hasPrefix("a code of the MFA device GAHT12345678 has six digits"))
        }
    }

    @Test("that has begun is used, and begun again before it ends; one that is refused is told so in STS's own words")
    func begun() async throws {
        let second = Self.answer.replacing("ASIAIOSFODNN7EXAMPLE", with: "ASIASECOND7EXAMPLE00")
            .replacing("2026-07-01T13:00:00Z", with: "2026-07-01T14:00:00Z")
        let denial = """
            <ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>
            <RequestId>r-1</RequestId></ErrorResponse>
            """
        try await ScriptedServer.playing([.answer(Self.answer), .answer(second), .answer(status: 403, denial)]) {
            server in
            let sts = try AWSClient.Configuration.example(server.endpoint)
            let role = try await AssumedRole.begun(
                Self.role(), from: Credentials.example(), by: sts, at: TestTime.start)
            for (seconds, key) in [
                (0.0, "ASIAIOSFODNN7EXAMPLE"), (2_600, "ASIAIOSFODNN7EXAMPLE"), (2_800, "ASIASECOND7EXAMPLE00"),
            ] {
                let held = try await role.credentials(at: TestTime.start.addingTimeInterval(seconds))
                #expect(held.accessKeyID == key)
            }
            let error = try await failure {
                _ = try await AssumedRole.begun(
                    Self.role(), from: Credentials.example(), by: sts, at: TestTime.start)
            }
            #expect(error.code == .init(rawValue: "AccessDenied"))
        }
    }

    @Test("that is refused is told as such, and is no refusal of the call that was to be signed")
    func refused() async throws {
        let denial = """
            <ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>
            <RequestId>r-1</RequestId></ErrorResponse>
            """
        try await ScriptedServer.playing([.answer(status: 403, denial)]) { server in
            let role = try AssumedRole(Self.role(), from: Credentials.example(), by: Self.means(server))
            var configuration = try AWSClient.Configuration.example(server.endpoint)
            configuration.credentials = role
            let client = try KMSClient(configuration)
            let error = try await failure { _ = try await client.listAliases(.init()) }
            #expect(
                error
                    == .configuration(
                        "the role \(Self.arn) was not assumed: AssumeRole was refused with AccessDenied: no (HTTP 403, request "
                            + "r-1)"))
        }
    }
}
