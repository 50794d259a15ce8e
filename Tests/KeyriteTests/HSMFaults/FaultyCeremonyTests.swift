import Evidence
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

/// Whole ceremonies whose HSM fails in the middle, each command a process of its own.
@Suite("Ceremonies whose HSM fails and is mended", .timeLimit(.minutes(60)))
struct FaultyCeremonyTests {
    private static var lie: [String: String] { HostileSite.environment(HSMFault.lie) }

    private func with(hosted: Bool, _ body: (CeremonyRoom, HSMFault) async throws -> Void) async throws {
        try await CeremonyRoom.with(
            tokenModule: try HostileSite.module(), tokenEnvironment: Self.lie, hostsModule: hosted
        ) { room in
            try await room.plan()
            try await body(room, HSMFault(SoftHSMFolder(path: room.room.root + "/softhsm")))
        }
    }

    private func run(_ room: CeremonyRoom) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(
            ["run", room.ceremony, "--site", room.room.siteFile], environment: Self.lie)
    }

    private func expectWaiting(_ room: CeremonyRoom) async throws {
        let waiting = try await run(room)
        #expect(waiting.status == 3, "\(waiting.stderrText)")
    }

    /// What the transcript has of the HSM's effects: each once, as in a ceremony in which nothing failed.
    private func expectOnce(_ room: CeremonyRoom) async throws {
        let record = try room.record()
        #expect(record.closed)
        let kinds = record.transcript.lines.map(\.event.kind)
        let effects: [EventKind] = [
            .selfTestIntended, .selfTested, .generateIntended, .generated, .wrapIntended, .wrapped, .settleIntended,
            .settled,
        ]
        #expect(kinds.filter(effects.contains) == effects)
        let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
        #expect(verified.status == 0, "\(verified.stdoutText)")
    }

    @Test(
        "in generate, wrap and settle: each run says what happened, where, and how it goes on, and the next goes on",
        arguments: [false, true])
    func everyStep(isHosted: Bool) async throws {
        try await with(hosted: isHosted) { room, fault in
            for (gate, function, code, when, name) in [
                (.authorize, "C_GenerateKey", 0x30, .after, "CKR_DEVICE_ERROR (0x00000030)"),
                (.release, "C_WrapKey", 0xB3, .before, "CKR_SESSION_HANDLE_INVALID (0x000000B3)"),
                (.activate, "C_SetAttributeValue", 0x32, .after, "CKR_DEVICE_REMOVED (0x00000032)"),
            ] as [(Gate, String, UInt, HSMFault.When, String)] {
                try await expectWaiting(room)
                try await room.approve(gate)
                try fault.strike(function, code, when)
                let failed = try await run(room)
                #expect(failed.status == 1)
                #expect(failed.stderrText.contains("keyrite: \(function) at token keyrite-hsm"), "\(failed.stderrText)")
                #expect(failed.stderrText.contains("the token answered \(name). "))
                #expect(
                    failed.stderrText.hasSuffix(
                        "\nThe ceremony stands where it was. Run again once that is mended: it looks first at what did "
                            + "happen.\n"), "\(failed.stderrText)")
            }
            try await expectWaiting(room)
            try await room.approve(.close)
            #expect(try await run(room).status == 0)
            try await expectOnce(room)
        }
    }

    @Test("at a terminal it pauses with what happened, and goes on when people say that it is mended")
    func attended() async throws {
        try await with(hosted: false) { room, fault in
            let people = try Attendant(
                ["run", room.ceremony, "--site", room.room.siteFile, "--attended"], room: room.room.root, columns: 250)
            defer { people.terminal.signal(SIGKILL) }
            try fault.strike("C_GenerateKey", 0x30, .after)
            for name in ["ben", "carol"] { try await people.approve("authorize", as: name) }
            try await people.expect("It stopped: C_GenerateKey at token keyrite-hsm")
            try await people.expect(
                "the token answered CKR_DEVICE_ERROR (0x00000030). The token failed, or the connection")
            let before = try room.record().transcript.lines.count

            guard case .socket(let socket) = room.room.site.module else { throw POSIXError(.EINVAL) }
            kill(room.room.servers[0], SIGKILL)
            try await Patience.untilGone(room.room.servers[0])
            try FileManager.default.removeItem(atPath: socket)
            try await people.answer("again, abort or leave: ", "again")
            try await people.expect("It stopped: connecting to a token server: \(socket): No such file or directory")
            #expect(try room.record().transcript.lines.count == before)

            let server = try await TokenServer.start(
                module: try HostileSite.module(), socket: socket,
                environment: SoftHSMFolder(path: room.room.root + "/softhsm").environment.merging(Self.lie) { $1 })
            defer { server.stop() }
            try await people.answer("again, abort or leave: ", "again")
            for gate in ["release", "activate", "close"] {
                for name in ["ben", "carol"] + (gate == "close" ? ["wendy"] : []) {
                    try await people.approve(gate, as: name)
                }
            }
            try #require(try await people.terminal.end().status == 0, "\(people.terminal.unread)")
            try await expectOnce(room)
        }
    }

    @Test("another server behind the socket is refused before anybody logs in, and the ceremony goes on behind its own")
    func hijacked() async throws {
        try await with(hosted: false) { room, _ in
            try await expectWaiting(room)
            try await room.approve(.authorize)
            guard case .socket(let socket) = room.room.site.module else { throw POSIXError(.EINVAL) }
            try FileManager.default.moveItem(atPath: socket, toPath: socket + ".own")
            try await TokenSite.with { theirs in
                let label = try PKCS11URI(parsing: room.room.site.token).token
                _ = try await theirs.makeToken(try #require(label))
                let fault = HSMFault(theirs.softHSM)
                let server = try await TokenServer.start(
                    module: try HostileSite.module(), socket: socket,
                    environment: theirs.softHSM.environment.merging(Self.lie) { $1 })
                defer { server.stop() }
                let refused = try await run(room)
                #expect(refused.status == 2, "\(refused.stderrText)")
                #expect(refused.stderrText.contains("no token at \(socket) match"), "\(refused.stderrText)")
                // A site that names it by its label alone reaches the plan's own list.
                let text = try String(contentsOfFile: room.room.siteFile, encoding: .utf8)
                let loose = room.base.appending(path: "loose.yaml")
                let named = text.replacing(room.room.site.token, with: "pkcs11:token=\(try #require(label))")
                try Data(named.utf8).write(to: loose)
                let listed = try await CeremonyRoom.keyrite(["run", room.ceremony, "--site", loose.path])
                #expect(listed.status == 1, "\(listed.stderrText)")
                #expect(listed.stderrText.contains("the token's serial is "), "\(listed.stderrText)")
                #expect(fault.logins() == 0)
            }
            try FileManager.default.moveItem(atPath: socket + ".own", toPath: socket)
            try await expectWaiting(room)
            #expect(try room.record().slots[CeremonyRoom.slot]?.generated != nil)
        }
    }
}
