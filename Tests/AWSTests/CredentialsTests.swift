import AWS
import CryptoPrimitives
import Foundation
import TestSupport
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

    @Test("the environment's access key is read, the secret into locked memory")
    func environment() throws {
        let credentials = try EnvironmentCredentials(
            Variables([
                "AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
                "AWS_CREDENTIAL_EXPIRATION": "2126-07-01T12:00:00+02:00",
            ]).environment
        ).credentials()
        #expect(credentials.accessKeyID == "AKIA1")
        #expect(try credentials.secretAccessKey.isEqual(to: .example("s")))
        #expect(try credentials.sessionToken?.isEqual(to: .example("t")) == true)
        // date -d 2126-07-01T10:00:00Z +%s
        #expect(credentials.expiration == Date(timeIntervalSince1970: 4_938_573_600))
    }

    @Test(
        "credentials that have expired are refused, and those that say it in no known way",
        arguments: [
            ("2026-07-01T12:00:00Z", "AWS_ACCESS_KEY_ID expired at 2026-07-01T12:00:00Z: get new ones, and set"),
            ("tomorrow", "AWS_CREDENTIAL_EXPIRATION is not a time"),
            ("2026-07-01T12:00:00", "AWS_CREDENTIAL_EXPIRATION is not a time"),
            ("2026-02-30T12:00:00Z", "AWS_CREDENTIAL_EXPIRATION is not a time"),
        ])
    func expired(_ expiration: String, _ complaint: String) async throws {
        let variables = Variables([
            "AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_CREDENTIAL_EXPIRATION": expiration,
        ])
        let error = try await failure {
            _ = try EnvironmentCredentials(variables.environment).credentials(at: TestTime.start)
        }
        #expect(error.description.contains(complaint), "\(error)")
        #expect(!error.description.contains("hunter2"))
    }

    @Test(
        "a secret with characters that no secret has is refused and not repeated", arguments: ["hunter2 ", "hünter2"])
    func badSecrets(_ secret: String) async throws {
        let variables = Variables(["AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": secret])
        let error = try await failure { _ = try EnvironmentCredentials(variables.environment).credentials() }
        #expect(error.description.contains("the secret access key of AKIA1 holds characters"))
        #expect(!error.description.contains("nter2"))
    }

    @Test(
        "what is missing is named",
        arguments: [
            [:], ["AWS_ACCESS_KEY_ID": "AKIA1"], ["AWS_SECRET_ACCESS_KEY": "hunter2"],
            ["AWS_ACCESS_KEY_ID": "A B", "AWS_SECRET_ACCESS_KEY": "hunter2"],
            ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "hunter2"],
        ])
    func missing(_ variables: [String: String]) async throws {
        let error = try await failure {
            _ = try EnvironmentCredentials(Variables(variables).environment).credentials()
        }
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
