import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A role that wants a code of an MFA device", .timeLimit(.minutes(60)))
struct MFATests {
    private static let role = "arn:aws:iam::111122223333:role/ceremony"

    /// A site whose STS is a port where nobody listens.
    private static func site(in folder: URL) throws -> String {
        let config = """
            [profile base]
            aws_access_key_id = AKIABASE
            aws_secret_access_key = s
            [profile ceremony]
            role_arn = \(role)
            source_profile = base
            mfa_serial = GAHT-ada
            """
        let site = """
            schema: keyrite.site/1
            mode: rehearsal
            gap:
              side: connected
              host: office
              key: \(folder.path)/key
            aws:
              region: eu-central-1
              endpoint: "http://127.0.0.1:1"
              credentials:
                profile: ceremony
                configFile: "\(folder.path)/config"
            memory: "\(folder.path)/memory"
            """
        try Data(config.utf8).write(to: folder.appending(path: "config"))
        try Data(site.utf8).write(to: folder.appending(path: "site.yaml"))
        return folder.path + "/site.yaml"
    }

    @Test("asks for it at the terminal, where it is not shown, and sends what is a code")
    func terminal() async throws {
        try await withTemporaryFolder { folder in
            let person = try Attendant(
                ["doctor", "--site", try Self.site(in: folder), "--format", "json"], room: folder.path,
                environment: ["HOME": folder.path], columns: 500)
            defer { person.terminal.signal(SIGKILL) }
            try await person.expect("AWS asks for a code of the MFA device GAHT-ada.")
            try await person.answer("MFA code: ", "82746")
            try await person.answer("MFA code: ", "827465")
            let end = try await person.terminal.end()
            #expect(end.status == 5)
            for told in ["a code of the MFA device GAHT-ada has six digits", "AssumeRole was not sent"] {
                #expect(end.output.contains(told), "\(end.output)")
            }
            #expect(!(person.terminal.shown + end.output).contains("82746"))
        }
    }

    @Test("says without a terminal what to do")
    func noTerminal() async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await runProcess(
                try CeremonyRoom.program(), ["doctor", "--site", try Self.site(in: folder), "--format", "json"],
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
            #expect(outcome.status == 5)
            let told = String(decoding: outcome.stdout, as: UTF8.self).replacing("\\/", with: "/")
            #expect(
                told.contains(
                    "The role \(Self.role) needs a code of the MFA device GAHT-ada, and there is no terminal. Run it at a "
                        + "terminal, or use a profile without mfa_serial"), "\(told)")
        }
    }
}
