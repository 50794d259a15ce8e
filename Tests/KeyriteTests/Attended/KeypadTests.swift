import Evidence
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

@Suite("An HSM with a keypad, at an attended ceremony", .timeLimit(.minutes(60)))
struct KeypadTests {
    @Test("people are told to enter its PIN there, and it is sent none", arguments: [false, true])
    func keypad(hostsModule: Bool) async throws {
        let lie = HostileSite.environment("has-a-keypad")
        try await CeremonyRoom.with(
            tokenModule: try HostileSite.module(), tokenEnvironment: lie, hostsModule: hostsModule
        ) { room in
            try await room.plan()
            let keypad = SoftHSMFolder(path: room.room.root + "/softhsm").configuration + ".keypad"
            try Data("keyrite-hsm".utf8).write(to: URL(filePath: keypad))
            for name in ["ben", "carol"] {
                _ = try await room.run()
                try await room.approve(.authorize, as: name)
            }
            if !hostsModule {
                // Unattended, nobody is told: a PIN is sent, and not taken.
                let refused = try await room.run("--until", "generate")
                #expect(refused.status == 1)
                #expect(refused.stderrText.contains("The PIN is wrong: token keyrite-hsm"), "\(refused.stderrText)")
            }

            let people = try Attendant(
                ["run", room.ceremony, "--site", room.room.siteFile, "--attended", "--until", "generate"],
                room: room.room.root, environment: lie, columns: 250)
            defer { people.terminal.signal(SIGKILL) }
            try await people.expect("Enter the PIN of the HSM's token keyrite-hsm")
            try await people.expect("at the device itself.")
            try #require(try await people.terminal.end().status == 0, "\(people.terminal.unread)")
            #expect(try room.record().slots[CeremonyRoom.slot]?.generated != nil)
        }
    }
}
