import AWS
import Foundation
import TestSupport
import Testing

@Suite("Credentials of a container's host and of an instance", .timeLimit(.minutes(60)))
struct HostCredentialTests {
    @Test(
        "come from addresses where such hosts are, and from no other",
        arguments: [
            ("RELATIVE", "/v2/credentials/a?b=c", "http://169.254.170.2/v2/credentials/a?b=c"),
            ("FULL", "http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials"),
            ("FULL", "http://[fd00:ec2::23]/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"),
            ("FULL", "http://localhost:1/", "http://localhost:1/"), ("FULL", "http://127.9.9.9", "http://127.9.9.9/"),
            ("FULL", "https://example.com/a", "https://example.com/a"),
            ("RELATIVE", "@example.com/", nil), ("RELATIVE", ".example.com/", nil), ("RELATIVE", "/a b", nil),
            ("FULL", "http://example.com/", nil), ("FULL", "http://169.254.169.254/", nil),
            ("FULL", "http://127.0.0.1.example.com/", nil), ("FULL", "http://127.0.0.1@example.com/", nil),
            ("FULL", "file:///etc/passwd", nil), ("FULL", "http://0x7f.1/", nil), ("FULL", "http:///a", nil),
        ])
    func addresses(kind: String, given: String, url: String?) throws {
        let variables = Variables(["AWS_CONTAINER_CREDENTIALS_\(kind)_URI": given])
        #expect((try? ContainerCredentials(variables.environment))?.url == url)
    }

    /// What is made of a container's host that answers so; in which time nobody waits. What it has to say is awaited as
    /// long as it takes beside other tests.
    private static func containerRefusal(_ replies: [Reply]) async throws -> String {
        var told = ""
        try await ScriptedServer.playing(replies) { server in
            let variables = Variables(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.endpoint)/a"])
            told = try await failure {
                _ = try await ContainerCredentials(variables.environment, timeout: 300).credentials(at: TestTime.start)
            }.description.replacing(server.endpoint.description, with: "URL")
        }
        return told
    }

    private static let good =
        #"{"AccessKeyId":"ASIA","SecretAccessKey":"hunter2","Token":"t","Expiration":"2026-07-01T13:00:00Z"}"#

    @Test("that are none are refused without a word of the answer")
    func malformed() async throws {
        for (body, reason) in [
            ("hunter2", "URL answered with what is no JSON object"),
            (Self.good.replacing("Token", with: "Tolkien"), "gave no AccessKeyId, no SecretAccessKey, no Token or no"),
            (Self.good.replacing("T13", with: "T11"), "expired at 2026-07-01T11:00:00Z: get new ones"),
            (Self.good.replacing("2026-", with: "soon-"), "gave no AccessKeyId"),
            (
                Self.good.replacing("{", with: #"{"Code":"AssumeRoleUnauthorizedAccess","#),
                "AssumeRoleUnauthorizedAccess"
            ),
        ] {
            let told = try await Self.containerRefusal([.answer(body)])
            #expect(told.contains(reason) && !told.contains("hunter2"), "\(told)")
        }
    }

    @Test("are asked for three times, and followed nowhere")
    func redirect() async throws {
        let away = Reply.answer(status: 307, "", headers: ["location": "http://192.0.2.1/"])
        let told = try await Self.containerRefusal([away, .answer(status: 500, "hunter2"), away])
        #expect(told == "the container's host at URL answered /a with HTTP status 307")
    }

    @Test("of more than 64 KiB are not read")
    func flood() async throws {
        let flood = Reply.answer(Self.good + String(repeating: " ", count: 65_536))
        let told = try await Self.containerRefusal([flood, flood, flood])
        #expect(told == "the container's host at URL gave no credentials: the answer has more than 65536 bytes")
    }

    @Test("an instance whose service knows no session tokens is not asked in the old way")
    func firstVersion() async throws {
        for status in [403, 404, 405] {
            try await ScriptedServer.playing([.answer(status: status, "")]) { server in
                let variables = Variables([
                    "HOME": "/nonexistent", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.endpoint.description,
                    "AWS_METADATA_SERVICE_TIMEOUT": "60",
                ])
                let provider = try SharedSettings(variables.environment).credentials()
                let error = try await failure { _ = try await provider.credentials(at: TestTime.start) }
                #expect(
                    error.description.hasSuffix(
                        "On an EC2 instance its role would do, but the instance's metadata service at \(server.endpoint) "
                            + "answered /latest/api/token with HTTP status \(status)"))
            }
        }
    }

    @Test("the metadata service is tried as often as the settings say")
    func attempts() async throws {
        let replies = [
            Reply.answer(status: 500, ""), .answer("metadata-token"), .answer(""), .answer("a/../b"),
            .answer(Self.good),
        ]
        try await ScriptedServer.playing(replies) { server in
            let variables = Variables([
                "HOME": "/nonexistent", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.endpoint.description,
                "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2", "AWS_METADATA_SERVICE_TIMEOUT": "60",
            ])
            let found = try await SharedSettings(variables.environment).credentials().credentials(at: TestTime.start)
            #expect(found.accessKeyID == "ASIA")
            // A role's name leads nowhere else.
            #expect(server.received.last?.target == "/latest/meta-data/iam/security-credentials/a%2F..%2Fb")
        }
    }

    @Test("settings of the metadata service that are none are refused")
    func settings() throws {
        for (variable, value) in [
            ("AWS_METADATA_SERVICE_TIMEOUT", "soon"), ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "0"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254@example.com/"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.170.1/"),
        ] {
            let variables = Variables(["HOME": "/nonexistent", variable: value])
            #expect(throws: AWSError.self, "\(variable)") { try SharedSettings(variables.environment).credentials() }
        }
    }
}
