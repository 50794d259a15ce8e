import AWS
import Foundation
import TestSupport
import Testing

@Suite("Roles in moto's STS", .timeLimit(.minutes(60)))
struct MotoTests {
    private static let keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = none\n"

    /// A profile's role, what is given for it, and whose calls are made in the end.
    private static let ways: [(config: String, session: String)] = [
        (
            "role_arn = arn:aws:iam::111122223333:role/ceremony\nsource_profile = base\n",
            "arn:aws:sts::111122223333:assumed-role/ceremony/keyrite-2026-07-01-0a1b2c3d"
        ),
        (
            """
            role_arn = arn:aws:iam::444455556666:role/ceremony
            source_profile = hop
            role_session_name = ada
            external_id = e-1
            mfa_serial = arn:aws:iam::444455556666:mfa/ada
            duration_seconds = 900
            [profile hop]
            role_arn = arn:aws:iam::111122223333:role/hop
            source_profile = base

            """, "arn:aws:sts::444455556666:assumed-role/ceremony/ada"
        ),
        (
            "role_arn = arn:aws:iam::111122223333:role/pod\nweb_identity_token_file = TOKEN\n",
            "arn:aws:sts::111122223333:assumed-role/pod/keyrite-2026-07-01-0a1b2c3d"
        ),
    ]

    @Test("are assumed by one role, by a chain and by a web identity, and STS tells so")
    func roles() async throws {
        try await Moto.running { endpoint in
            for (config, session) in Self.ways {
                try await Scratch.using { scratch in
                    try Data(CredentialServer.webIdentity.utf8).write(to: scratch.folder.appending(path: "token"))
                    let text = "[default]\n\(config)[profile base]\n\(Self.keys)"
                        .replacing("TOKEN", with: scratch.path("token"))
                    try Data(text.utf8).write(to: scratch.folder.appending(path: "config"))
                    let variables = Variables([
                        "HOME": scratch.folder.path, "AWS_CONFIG_FILE": scratch.path("config"),
                    ])
                    var configuration = AWSClient.Configuration(
                        credentials: NoCredentials(), region: try Region("eu-central-1"), endpoint: endpoint)
                    configuration.attemptTimeout = 120
                    let means = CredentialMeans(
                        sts: configuration, sessionName: "keyrite-2026-07-01-0a1b2c3d",
                        mfaCode: { _ in try .example("123456") })
                    configuration.credentials = try SharedSettings(variables.environment).credentials(means)
                    let found = try await configuration.credentials.credentials(at: Date())
                    #expect(found.accessKeyID.hasPrefix("ASIA") && found.sessionToken != nil)
                    let left = try #require(found.expiration).timeIntervalSinceNow
                    #expect(left > 0 && left <= (config.contains("900") ? 901 : 3_601))
                    let caller = try await STSClient(configuration).getCallerIdentity().output
                    #expect(caller.arn == session)
                    #expect(session.contains(caller.account))
                }
            }
        }
    }
}
