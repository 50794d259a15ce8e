import KMSEmulator
import Testing

/// AWS's own clients drive the emulator, and AWS's own model judges its answers.
/// One script at a time: each keeps a core busy, with openssl and with the emulator's wrapping keys.
@Suite("boto3 and the aws program", .serialized)
struct BotoTests {
    @Test(
        "drive it through all it serves, every answer as botocore models it, every refusal by AWS's name",
        arguments: [
            "ceremony", "refusals", "management", "material", "symmetric", "asymmetric", "regions", "trail", "forgery",
        ])
    func answers(script: String) async throws { try await run(script) }

    @Test("begin sessions of roles, each of which may do what it is let")
    func roles() async throws { try await run("roles") }

    @Test("are answered only when they sign as AWS demands")
    func signatures() async throws { try await run("signatures") }

    @Test("as Terraform's aws provider calls for an external key and its alias")
    func terraform() async throws { try await run("terraform") }

    @Test("as AWS's manual imports with the aws program and openssl, then rotates and moves an alias")
    func program() async throws { try await run("awscli") }

    private func run(_ script: String) async throws {
        try await RunningEmulator.with { listening in
            let outcome = try await PythonScript.run(
                script, endpoint: listening.endpoint, accessKeyID: RunningEmulator.accessKeyID,
                secretAccessKey: RunningEmulator.secretAccessKey)
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(!outcome.output.isEmpty, "the script did not come to its end")
        }
    }
}
