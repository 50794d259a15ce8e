import Foundation
import TestSupport
import Testing

@Suite("The embedded KMS's command line")
struct EmulatorOptionsTests {
    @Test("that keeps wrapping keys beside a state, or where no folder is, is refused; nothing is made")
    func wrappingKeys() async throws {
        try await withTemporaryFolder { base in
            let both = try await CeremonyRoom.keyrite(
                ["emulator", "--state", base.path + "/state", "--wrapping-keys", base.path + "/keys"])
            #expect(both.status == 2)
            #expect(
                both.stderrText.contains(
                    "--wrapping-keys and --state exclude each other: started again, it would hand out the same keys once more"
                ),
                "\(both.stderrText)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: base.path).isEmpty)
            let nowhere = try await CeremonyRoom.keyrite(["emulator", "--wrapping-keys", base.path + "/a/keys"])
            #expect(
                Complaint(nowhere, base: base)
                    == Complaint(
                        2,
                        "keyrite: The emulator does not start. cannot make the folder BASE/a/keys: No such file or directory "
                            + "(errno 2)"), "\(nowhere.stderrText)")
        }
    }
}
