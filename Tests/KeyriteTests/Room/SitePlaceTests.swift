import AWS
import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A site that AWS's record is looked up at")
struct SitePlaceTests {
    private func planned(
        partition: String = "aws", account: String = "111122223333", region: String = "eu-central-1"
    ) -> AWSEnvironment {
        AWSEnvironment(
            partition: partition, account: account, region: region, endpoint: "https://kms.example",
            stsEndpoint: "https://sts.example", authorities: "system", proxy: "none",
            caller: "arn:\(partition):iam::\(account):user/ada")
    }

    @Test("must be of the plan's partition, Region and account; each that is not is named, with the plan's")
    func place() async throws {
        try await withTemporaryFolder { folder in
            let emulator = try await EmulatorProcess.start(
                program: try CeremonyRoom.program(), log: folder.path + "/emulator.log", wrappingKeysAhead: nil)
            defer { emulator.stop() }
            let access = try Site(
                yaml: """
                    schema: keyrite.site/1
                    mode: rehearsal
                    aws:
                      region: eu-central-1
                      endpoint: "\(emulator.endpoint)"
                    hsm:
                      socket: /nonexistent
                      token: "pkcs11:token=keyrite-hsm"
                    signers:
                      ada: "pkcs11:token=keyrite-ada"
                    memory: \(folder.path)
                    """, file: "site.yaml"
            ).access?.resolved()
            let own = try #require(access)
            try await own.requirePlace(of: planned())
            for (other, words) in [
                (planned(account: "999988887777"), "the AWS account is 111122223333, planned was 999988887777"),
                (planned(region: "us-east-1"), "the Region is eu-central-1, planned was us-east-1"),
                (
                    planned(partition: "aws-cn", region: "cn-north-1"),
                    "the partition is aws, planned was aws-cn; the Region is eu-central-1, planned was cn-north-1"
                ),
            ] {
                let error = await #expect(throws: CeremonyError.self) { try await own.requirePlace(of: other) }
                #expect(error?.what == "This site is not the plan's: \(words)")
            }
        }
    }
}
