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
