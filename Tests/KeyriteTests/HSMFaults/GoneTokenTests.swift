import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// Where the module is there, and what it needs to find its tokens is not.
@Suite("A token whose configuration or files are gone", .timeLimit(.minutes(60)))
struct GoneTokenTests {
    @Test(
        "is said to be that, with where it is looked for; once they are back the ceremony goes on",
        arguments: [false, true], ["softhsm2.conf", "tokens"])
    func gone(isHosted: Bool, name: String) async throws {
        try await CeremonyRoom.with(hostsModule: isHosted) { room in
            try await room.plan()
            try #require(try await room.goOn(until: .authorize).status == 0)
            let path = room.room.root + "/softhsm/" + name
            try FileManager.default.moveItem(atPath: path, toPath: path + ".kept")
            let stopped = try await room.goOn()
            let configuration = room.room.root + "/softhsm/softhsm2.conf"
            // A server has them in its own environment, which nobody here sees.
            let says =
                switch (isHosted, name) {
                case (false, _): "is gone or cannot be read, most likely: its configuration (of SoftHSM the file that"
                case (true, "tokens"): "\(configuration) names the folder \(path) for its tokens, which is not there"
                default: "SOFTHSM2_CONF names \(configuration), which is not there or cannot be read."
                }
            #expect(stopped.status == 1)
            #expect(stopped.stderrText.contains("C_Initialize at "), "\(stopped.stderrText)")
            #expect(stopped.stderrText.contains(says), "\(stopped.stderrText)")
            try FileManager.default.moveItem(atPath: path + ".kept", toPath: path)
            let held = try await room.goOn()
            #expect(held.status == 0, "\(held.stderrText)")
            #expect(try room.record().transcript.lines.count { $0.event.kind == .generated } == 1)
        }
    }
}
