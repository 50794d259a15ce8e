import AWS
import Foundation
import TestSupport
import Testing

@Suite("Credentials that the aws CLI exports", .timeLimit(.minutes(60)))
struct ExportedCredentialsTests {
    @Test("are asked for by profile, of the same files, without a shell; for the source of a role, too")
    func exported() async throws {
        try await ScriptedServer.answering(CredentialServer.rule) { server in
            try await Scratch.using { scratch in
                let program = scratch.folder.appending(path: "aws cli;$(x)")
                let script = """
                    #!/bin/sh
                    printf '%s|' "$AWS_CONFIG_FILE" "$@" >> \(scratch.path("asked"))
                    printf '{"Version":1,"AccessKeyId":"AKIASSO","SecretAccessKey":"s"}'

                    """
                try await Self.write(script, to: program)
                let config = """
                    [profile people]
                    sso_account_id = 111122223333
                    sso_role_name = ceremony
                    [profile ceremony]
                    role_arn = \(CredentialServer.arn("ceremony"))
                    source_profile = people
                    """
                try Data(config.utf8).write(to: scratch.folder.appending(path: "config"))
                let variables = Variables(["HOME": scratch.folder.path, "AWS_CONFIG_FILE": "/nonexistent"])
                func key(_ profile: String) async throws -> String {
                    let settings = try SharedSettings(
                        variables.environment, choosing: .init(profile: profile, configFile: scratch.path("config")))
                    let means = CredentialMeans(
                        sts: try .example(server.endpoint), sessionName: "keyrite-test", awsProgram: program.path)
                    return try await settings.credentials(means).credentials(at: TestTime.start).accessKeyID
                }
                #expect(try await key("people") == "AKIASSO")
                #expect(try await key("ceremony") == CredentialServer.key(from: "AKIASSO", [.init()]))
                let asked =
                    "\(scratch.path("config"))|configure|export-credentials|--profile|people|--format|process|"
                #expect(try String(contentsOfFile: scratch.path("asked"), encoding: .utf8) == asked + asked)
            }
        }
    }

    /// What version 2 of the CLI keeps of IAM Identity Center's answer after `aws sso login` and a first call, so that it
    /// asks nobody.
    private static func remember(expiring: Date, in home: URL) throws {
        let cache = home.appending(path: ".aws/cli/cache")
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        // Named by the SHA-1 of what was asked for: account, role and start page.
        let kept = """
            {"ProviderType": "sso", "Credentials": {"AccessKeyId": "ASIAPEOPLE", "SecretAccessKey": "s/+=", \
            "SessionToken": "t", "Expiration": "\(expiring.formatted(.iso8601))"}}
            """
        try Data(kept.utf8).write(to: cache.appending(path: "d4fdc1d51523585f4fbb89b2ce4402db348023a3.json"))
    }

    @Test("come from version 2 of the aws CLI itself as it writes them, with the time at which they end")
    func real() async throws {
        try await Scratch.using { scratch in
            let config = """
                [profile people]
                sso_start_url = https://people.example/start
                sso_region = eu-central-1
                sso_account_id = 111122223333
                sso_role_name = ceremony
                """
            try Data(config.utf8).write(to: scratch.folder.appending(path: "config"))
            let end = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 7200).rounded(.down))
            try Self.remember(expiring: end, in: scratch.folder)
            // Debian's: the index of Python packages has version 1 alone, which exports nothing.
            let aws = scratch.folder.appending(path: "aws")
            try await Self.write(
                "#!/bin/sh\nHOME=\(scratch.folder.path) exec /usr/bin/aws \"$@\"\n", to: aws)
            let variables = Variables(["HOME": scratch.folder.path])
            let settings = try SharedSettings(
                variables.environment, choosing: .init(profile: "people", configFile: scratch.path("config")))
            let found = try await settings.credentials(CredentialMeans(awsProgram: aws.path)).credentials(at: Date())
            #expect(found.accessKeyID == "ASIAPEOPLE" && found.expiration == end)
            #expect(found.sessionToken != nil)

            try FileManager.default.removeItem(at: scratch.folder.appending(path: ".aws"))
            let error = try await failure {
                _ = try await settings.credentials(CredentialMeans(awsProgram: aws.path)).credentials(at: Date())
            }
            #expect(error.description.contains("ended with status 255"), "\(error)")
            #expect(error.description.contains(" sso login --profile people"), "\(error)")
        }
    }

    /// Another process writes it: one that this process wrote cannot be run while a child that is just being started has a
    /// copy of the descriptor.
    private static func write(_ script: String, to file: URL) async throws {
        let outcome = try await runProcess(
            "/bin/sh", ["-c", "umask 077; cat > \"$0\"; chmod 700 \"$0\"", file.path], input: Array(script.utf8))
        try #require(outcome.status == 0, "\(outcome.stderrText)")
    }

    @Test("that do not come are told, and by whom")
    func failing() async throws {
        try await Scratch.using { scratch in
            let config = "[default]\nsso_account_id = 111122223333\nsso_role_name = ceremony\n"
            try Data(config.utf8).write(to: scratch.folder.appending(path: "config"))
            let variables = Variables(["HOME": scratch.folder.path, "AWS_CONFIG_FILE": scratch.path("config")])
            for (program, reason) in [
                ("/bin/false", "ended with status 1"), ("/nonexistent/aws", "could not be started"),
                ("/bin/echo", "printed what is no JSON object"),
            ] {
                let means = CredentialMeans(awsProgram: program)
                let provider = try SharedSettings(variables.environment).credentials(means)
                let error = try await failure { _ = try await provider.credentials(at: TestTime.start) }
                #expect(
                    error.description.hasPrefix(
                        "\(program) configure export-credentials for the AWS profile \"default\", \(reason)"),
                    "\(error)")
            }
        }
    }
}
