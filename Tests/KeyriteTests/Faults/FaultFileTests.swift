import AWS
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("What goes wrong with the embedded KMS can stand in a file")
struct FaultFileTests {
    @Test("a file that is no fault plan is refused with its name, the place in it and what is wrong there")
    func refused() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.path + "/faults.json"
            try Data(#"{"rules": [{"operation": "CreateKey", "fault": "explode"}]}"#.utf8).write(
                to: URL(filePath: file))
            let refused = try await CeremonyRoom.keyrite(["emulator", "--faults", file])
            #expect(refused.status == 2)
            #expect(refused.stderrText.hasPrefix("keyrite: \(file): rules[0].fault: "), "\(refused.stderrText)")
            #expect(refused.stdout.isEmpty)
            let missing = try await CeremonyRoom.keyrite(["emulator", "--faults", file + "x"])
            #expect(missing.status == 2 && missing.stderrText.contains("\(file)x cannot be read"))
        }
    }

    @Test("and befalls its calls from the first on")
    func inForce() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.path + "/faults.json"
            try Data(#"{"rules": [{"operation": "GetCallerIdentity", "times": 1, "fault": "throttle"}]}"#.utf8)
                .write(to: URL(filePath: file))
            let emulator = try await EmulatorProcess.start(
                program: try CeremonyRoom.program(), log: folder.path + "/log", options: ["--faults", file])
            defer { emulator.stop() }
            var configuration = AWSClient.Configuration(
                credentials: try RehearsalCredentials.make(), region: try Region("eu-central-1"),
                endpoint: try Endpoint(emulator.endpoint))
            configuration.attemptTimeout = 240
            configuration.retryRule.maximumThrottledAttempts = 1
            let sts = try STSClient(configuration)
            let error = await #expect(throws: AWSError.self) { _ = try await sts.getCallerIdentity() }
            #expect(error?.code == .throttling)
            #expect(try await sts.getCallerIdentity().output.account == emulator.account)
        }
    }
}
