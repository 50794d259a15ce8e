import KMSEmulator
import Testing

/// AWS's own client drives the emulator, and AWS's own model judges its answers.
@Suite("boto3")
struct BotoTests {
    @Test("drives it through import, rotation, aliases and encryption, and every answer is as botocore models it")
    func ceremony() async throws { try await run("ceremony") }

    @Test("is refused under AWS's names")
    func refusals() async throws { try await run("refusals") }

    @Test("is answered only when it signs as AWS demands")
    func signatures() async throws { try await run("signatures") }

    private func run(_ script: String) async throws {
        try await RunningEmulator.with { listening in
            let outcome = try await PythonScript.run(
                script,
                environment: [
                    "KEYRITE_TEST_ENDPOINT": listening.endpoint,
                    "AWS_ACCESS_KEY_ID": RunningEmulator.accessKeyID,
                    "AWS_SECRET_ACCESS_KEY": RunningEmulator.secretAccessKey,
                    "AWS_DEFAULT_REGION": listening.region,
                    "AWS_CONFIG_FILE": "/dev/null",
                    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                    "AWS_EC2_METADATA_DISABLED": "true",
                    "LC_ALL": "C.UTF-8",
                ])
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(!outcome.output.isEmpty, "the script did not come to its end")
        }
    }
}
