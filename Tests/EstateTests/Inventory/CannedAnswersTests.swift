import Foundation
import TestSupport
import Testing

@Suite("Answers that tests make up")
struct CannedAnswersTests {
    @Test("are as botocore's model of the service has them, and what is not is noticed")
    func model() async throws {
        #expect(try await complaints(about: CannedAnswers.all) == "")
        for (wrong, words) in [
            (CannedAnswers.used.replacing("Operation", with: "Operations"), "the model has no member Operations"),
            (CannedAnswers.used.replacing("Decrypt", with: "Decrypts"), "'Decrypts' is none of"),
            (CannedAnswers.used.replacing("1780000000.25", with: "\"2026\""), "a timestamp is a number of seconds"),
        ] {
            let said = try await complaints(about: [["kms", "GetKeyLastUsage", wrong]])
            #expect(said.contains(words), "\(said)")
        }
        let volume =
            "<DescribeVolumesResponse><volumeSet><item><volumeId>v</volumeId></item></volumeSet></DescribeVolumesResponse>"
        #expect(try await complaints(about: [["ec2", "DescribeVolumes", volume]]) == "")
        for (wrong, words) in [
            (volume.replacing("volumeId", with: "volumeID"), "the model has no element volumeID"),
            (volume.replacing("item", with: "member"), "entries are item"),
            (
                volume.replacing("<volumeId>v", with: "<encrypted><a/></encrypted><volumeId>v"),
                "no element a in a boolean"
            ),
            (volume.replacing("Response>", with: "Result>"), "the answer is a DescribeVolumesResult"),
            (String(volume.dropLast(9)), "DescribeVolumes: "),
        ] {
            let said = try await complaints(about: [["ec2", "DescribeVolumes", wrong]])
            #expect(said.contains(words), "\(said)")
        }
        #expect(try await complaints(about: [["kms", "GetNothing", "{}"]]).contains("does not know it"))
    }

    private func complaints(about answers: [[String]]) async throws -> String {
        let package = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let python =
            ProcessInfo.processInfo.environment["KEYRITE_TEST_PYTHON"]
            ?? package.appending(path: ".build/python/bin/python").path
        try #require(FileManager.default.isExecutableFile(atPath: python), "no Python with boto3 at \(python)")
        let folder = try TemporaryFolder()
        let input = try folder.write(Array(try JSONEncoder().encode(answers)), to: "answers.json")
        let script = package.appending(path: "Tests/EstateTests/Python/canned.py").path
        let outcome = try await runProcess(
            "/bin/sh", ["-c", #"exec "$1" -B "$2" <"$3""#, "sh", python, script, input],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path, "AWS_EC2_METADATA_DISABLED": "true"])
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        return outcome.stdoutText
    }
}
