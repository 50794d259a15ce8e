import Foundation
import KeyriteCommands
import TestSupport
import Testing

@Suite("How commands that only read AWS come to credentials")
struct ReadingAccessTests {
    /// Each with what it needs to come as far as its site.
    private static func commands(_ folder: TemporaryFolder) throws -> [[String]] {
        // What is left of a ceremony is enough for that.
        _ = try folder.write([], to: "transcript.jsonl")
        return [
            ["inventory"], ["impact", "--key", "alias/payments"], ["policy", "check", "--key", "alias/payments"],
            ["reconcile", folder.path],
        ]
    }

    private static func site(_ credentials: String, region: String = "eu-central-1") -> String {
        "schema: keyrite.site/1\nmode: live\naws:\n  region: \(region)\n" + credentials
    }

    @Test("a live site that says nothing of credentials is refused before anything is asked, with the way on")
    func noCredentials() async throws {
        let folder = try TemporaryFolder()
        let site = try folder.write(Array(Self.site("").utf8), to: "site.yaml")
        for command in try Self.commands(folder) {
            let refused = try await CeremonyRoom.keyrite(command + ["--site", site])
            #expect(refused.status == 2, "\(refused.stderrText)")
            #expect(refused.stderrText.contains("site.yaml:4:3: aws.credentials: the live site does not say where"))
            #expect(refused.stderrText.contains("Add a profile, or from-environment"))
        }
    }

    @Test("half credentials and profiles that there are not are named, with the way on, and no credential is told")
    func ofNoUse() async throws {
        let folder = try TemporaryFolder()
        let home = folder.path + "/home/.aws"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        try Data("[half]\naws_secret_access_key = \(secret)\n[other]\n".utf8)
            .write(to: URL(filePath: home + "/credentials"))
        let profile = try folder.write(
            Array(Self.site("  credentials:\n    profile: half\n").utf8), to: "profile.yaml")
        let environment = try folder.write(
            Array(Self.site("  credentials: from-environment\n").utf8), to: "environment.yaml")
        let cases: [(String, [String: String], [String])] = [
            (
                profile, [:],
                [
                    "/.aws/credentials:2: aws_secret_access_key has no aws_access_key_id beside it",
                    "\"half\" has no cred",
                ]
            ),
            (
                environment, ["AWS_SECRET_ACCESS_KEY": secret],
                ["AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not", "choose another profile by AWS_PROFILE"]
            ),
            (
                environment, ["AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"],
                ["set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"]
            ),
            (
                environment, ["AWS_PROFILE": "nobody"],
                ["\"nobody\" is in neither shared file", "there are \"half\", \"other\""]
            ),
        ]
        // A reconciliation comes that far only with a ceremony.
        for command in try Self.commands(folder).dropLast() {
            for (site, variables, words) in cases {
                let outcome = try await CeremonyRoom.keyrite(
                    command + ["--site", site],
                    environment: variables.merging([
                        "HOME": folder.path + "/home", "AWS_EC2_METADATA_DISABLED": "true",
                    ]) { $1 })
                #expect(outcome.status == 2, "\(outcome.stderrText)")
                for word in words { #expect(outcome.stderrText.contains(word), "\(outcome.stderrText)") }
                #expect(!outcome.stderrText.contains(secret))
            }
        }
    }

    @Test(
        "a Region of the site's that there is not is named as that",
        .enabled("nothing here tells which hosts there are not") { await !RegionCheck.resolves("keyrite.invalid") })
    func noRegion() async throws {
        let folder = try TemporaryFolder()
        let site = try folder.write(
            Array(Self.site("  credentials: from-environment\n", region: "eu-centrl-1").utf8), to: "site.yaml")
        let keys = [
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "none", "HOME": folder.path,
        ]
        for command in try Self.commands(folder).dropLast() {
            let refused = try await CeremonyRoom.keyrite(command + ["--site", site], environment: keys)
            #expect(refused.status == 2, "\(refused.stderrText)")
            #expect(
                refused.stderrText.contains(
                    "There is no such Region, or it cannot be reached from here: eu-centrl-1. Check its name"))
        }
    }
}
