import AWS
import CryptoPrimitives
import Foundation
import Testing

@Suite("Credentials")
struct CredentialsTests {
    @Test("no way to print credentials prints a secret")
    func redaction() throws {
        let credentials = try Credentials.example("AKIAIOSFODNN7EXAMPLE", "hunter2hunter2", "tokentoken")
        let signer = RequestSigner(credentials: credentials, region: "eu-central-1", service: "kms")
        let configuration = try AWSClient.Configuration.example(Endpoint("http://127.0.0.1:1"), token: "tokentoken")
        var dumped = ""
        dump(credentials, to: &dumped)
        dump(signer, to: &dumped)
        dump(configuration, to: &dumped)
        let texts = ["\(credentials)", String(reflecting: credentials), "\(signer)", "\(configuration)", dumped]
        for text in texts {
            #expect(text.contains("AKIAIOSFODNN7EXAMPLE"))
            #expect(!text.contains("hunter2") && !text.contains(Credentials.exampleSecret))
            #expect(!text.contains("tokentoken"))
        }
    }

    @Test("a blob is not printed: it may be a plaintext")
    func blobs() {
        let answer = Decrypt.Output(plaintext: Blob("plaintext!".utf8))
        var dumped = "\(answer)" + String(reflecting: answer)
        dump(answer, to: &dumped)
        #expect(dumped.contains("10 bytes"))
        #expect(!dumped.contains("112") && !dumped.contains("plaintext!"))
    }

    @Test("the environment's variables are read, the secret into locked memory")
    func environment() throws {
        let environment = Variables([
            "AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
            "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:2",
        ]).credentials
        let credentials = try environment.credentials()
        #expect(credentials.accessKeyID == "AKIA1")
        #expect(try credentials.secretAccessKey.isEqual(to: .example("s")))
        #expect(try credentials.sessionToken?.isEqual(to: .example("t")) == true)
        #expect(try environment.region()?.name == "eu-west-1")
        #expect(try environment.endpoint(for: "kms")?.port == 2)
        #expect(try environment.endpoint(for: "sts")?.port == 1)
    }

    @Test("an empty variable counts as none")
    func empty() throws {
        let environment = Variables([
            "AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "", "AWS_REGION": "",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": "",
        ]).credentials
        #expect(try environment.credentials().sessionToken == nil)
        #expect(try environment.region()?.name == "us-east-1")
        #expect(try environment.endpoint(for: "kms") == nil)
    }

    @Test(
        "what is missing is named",
        arguments: [
            [:], ["AWS_ACCESS_KEY_ID": "AKIA1"], ["AWS_SECRET_ACCESS_KEY": "hunter2"],
            ["AWS_ACCESS_KEY_ID": "A B", "AWS_SECRET_ACCESS_KEY": "hunter2"],
            ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "hunter2"],
        ])
    func missing(_ variables: [String: String]) async throws {
        let error = try await failure { _ = try Variables(variables).credentials.credentials() }
        #expect(error.description.contains("AWS_ACCESS_KEY_ID"))
        #expect(!error.description.contains("hunter2"))
    }

    @Test("a token that would break the header is refused and not repeated", arguments: ["a\nHost: b", "a b", "ü", ""])
    func badTokens(_ token: String) async throws {
        let error = try await failure {
            _ = try KMSClient(.example(Endpoint("http://127.0.0.1:1"), token: token))
        }
        guard case .configuration(let reason) = error else { throw Unexpected(error) }
        #expect(token.isEmpty || !reason.contains(token))
    }
}

/// An environment of a test's own, since a process has but one.
private final class Variables: Sendable {
    private nonisolated(unsafe) let values: [String: UnsafeMutablePointer<CChar>?]

    init(_ values: [String: String]) {
        self.values = values.mapValues { strdup($0) }
    }

    deinit {
        for value in values.values { free(value) }
    }

    var credentials: EnvironmentCredentials {
        EnvironmentCredentials { name in self.values[name].flatMap { $0 }.map { UnsafePointer($0) } }
    }
}
