import Glibc
import Processes
import Room
import TestSupport
import Testing

@Suite("A program that asks at this program's terminal", .timeLimit(.minutes(1)))
struct ForegroundProgramTests {
    @Test("is told of a Ctrl-C again where it missed it, as ssh-keygen does between its question and its reading")
    func missedInterrupt() async throws {
        let folder = try TemporaryFolder()
        let ready = folder.path + "/ready"
        let program = ForegroundProgram(
            ["/bin/sh", "-c", "trap 'trap - INT' INT; : > '\(ready)'; while :; do sleep 0.01; done"],
            environment: ["PATH": "/usr/bin:/bin"], isInterrupted: { access(ready, F_OK) == 0 })
        let failure = await #expect(throws: ForegroundProgram.Failure.self) { _ = try await program.output(of: []) }
        guard case .ended(.killed(SIGINT), _)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
