import AWS
import Foundation
import Room
import TestSupport
import Testing

@Suite("What a rehearsal leaves in KMS")
struct BotoTests {
    @Test("says boto3: the old ciphertext still decrypts, new ciphertext has the new material, the alias its key")
    func afterwards() async throws {
        try await CeremonyRoom.with { room in
            try await room.holdCeremony()
            try await Self.expectAsPlanned(room)
        }
    }

    /// Has boto3 hold KMS to what the closed ceremony's evidence says.
    static func expectAsPlanned(_ room: CeremonyRoom) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "afterwards.py").path
        let outcome = try await runProcess(
            "/usr/bin/timeout", ["--kill-after=5", "120", try interpreter(), "-B", script, room.ceremony],
            environment: [
                "AWS_ACCESS_KEY_ID": RehearsalCredentials.accessKeyID,
                "AWS_SECRET_ACCESS_KEY": RehearsalCredentials.secretAccessKey,
                "AWS_DEFAULT_REGION": room.room.site.region,
                "AWS_ENDPOINT_URL": room.room.site.endpoint,
                "AWS_CONFIG_FILE": "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_EC2_METADATA_DISABLED": "true",
                "LC_ALL": "C.UTF-8",
            ])
        #expect(outcome.status == 0, "\(outcome.stderrText)")
        #expect(outcome.stdoutText == "as planned\n")
    }

    /// A Python that has boto3; the emulator's own tests say how one is made.
    static func interpreter() throws -> String {
        if let named = ProcessInfo.processInfo.environment["KEYRITE_TEST_PYTHON"] { return named }
        let python = URL(filePath: #filePath).appending(path: "../../../../.build/python/bin/python").standardized.path
        try #require(FileManager.default.isExecutableFile(atPath: python), "no Python with boto3 at \(python)")
        return python
    }
}
