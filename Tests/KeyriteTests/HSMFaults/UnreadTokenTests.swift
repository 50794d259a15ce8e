import Ceremony
import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

/// A module that cannot say what is in a slot, while the ceremony's token is looked for.
@Suite("A token that cannot be read when it is looked for", .timeLimit(.minutes(60)))
struct UnreadTokenTests {
    private static let codes: [(code: UInt, name: String)] = [
        (0x30, "CKR_DEVICE_ERROR (0x00000030)"), (0x05, "CKR_GENERAL_ERROR (0x00000005)"),
        (0x31, "CKR_DEVICE_MEMORY (0x00000031)"),
    ]

    /// What the token's identity is refused with.
    private func refusal(_ faulty: FaultyToken) async -> PKCS11Error? {
        await #expect(throws: PKCS11Error.self) { _ = try await faulty.hsm.identity() }
    }

    @Test("by a module of the ceremony's own is said with slot, function and code, and that it may be the very one")
    func hosted() async throws {
        try await FaultyToken.with(hosted: true) { faulty in
            let module = try HostileSite.module()
            for (code, name) in Self.codes {
                try faulty.fault.hide("token", code)
                let unread = await refusal(faulty)
                let said = unread?.description.replacing(#/slot \d+ of/#, with: "slot N of") ?? ""
                #expect(
                    said.hasPrefix(
                        "C_GetTokenInfo at slot N of \(module): the token answered \(name). No token at \(module) that could be "
                            + "read matches pkcs11:"), "\(said)")
                #expect(said.contains(": what could not be read may be that very one. The token "), "\(said)")
                #expect(unread?.isMisnamed == false)
                try faulty.fault.tellTruth()

                try faulty.fault.hideSlots(code)
                let unlisted = await refusal(faulty)
                let start = "C_GetSlotList at \(module): the token answered \(name). The token "
                #expect(unlisted?.description.hasPrefix(start) == true, "\(String(describing: unlisted))")
                try faulty.fault.tellTruth()
            }
            #expect(try await faulty.hsm.identity().label == "token")
        }
    }

    @Test("if another's, stands not in the way of one named by serial number, and in that of one named by label alone")
    func another() async throws {
        try await FaultyToken.with(hosted: true) { faulty in
            let other = try await faulty.site.makeToken("other")
            try faulty.fault.hide("other", 0x30)
            #expect(try await faulty.hsm.identity().label == "token")
            let module = try HostileSite.module()
            let environment = faulty.site.softHSM.environment.merging(HostileSite.environment(HSMFault.lie)) { $1 }
            let loose = HostedHSM(
                module: module, environment: environment, token: try PKCS11URI(parsing: "pkcs11:token=token"),
                program: try CeremonyRoom.program()
            ) { _ in PINEntry(faulty.token.pin) }
            let unsure = await #expect(throws: PKCS11Error.self) { _ = try await loose.identity() }
            #expect(
                unsure?.description.contains(
                    "One token at \(module) matches pkcs11:token=token, and whether what could not be read does too is not "
                        + "known: name the one that is meant by its serial number as well. The token failed") == true,
                "\(String(describing: unsure))")
            #expect(other.info.serial != faulty.token.info.serial)
        }
    }

    @Test("behind a token server is left out by it without a word: that this can be so is said, and where to look")
    func remote() async throws {
        try await FaultyToken.with(hosted: false) { faulty in
            for (code, _) in Self.codes {
                for hide in [{ try faulty.fault.hide("token", code) }, { try faulty.fault.hideSlots(code) }] {
                    try hide()
                    let leftOut = await refusal(faulty)
                    #expect(
                        leftOut?.description.hasSuffix(
                            ", and see that it is connected. A token server leaves out a token that it cannot read, and does not "
                                + "say so: if yours is connected, look on that server's side at the token's state, and list the "
                                + "slots there with its vendor's tool.") == true, "\(String(describing: leftOut))")
                    #expect(leftOut?.isMisnamed == true)
                    try faulty.fault.tellTruth()
                }
            }
            #expect(try await faulty.hsm.identity().label == "token")
        }
    }

    @Test("pauses a ceremony, which goes on when it can be read again", arguments: [false, true])
    func ceremony(isHosted: Bool) async throws {
        try await CeremonyRoom.with(
            tokenModule: try HostileSite.module(), tokenEnvironment: HostileSite.environment(HSMFault.lie),
            hostsModule: isHosted
        ) { room in
            let environment = HostileSite.environment(HSMFault.lie)
            func run() async throws -> ProcessOutcome {
                try await CeremonyRoom.keyrite(
                    ["run", room.ceremony, "--site", room.room.siteFile], environment: environment)
            }
            try await room.plan()
            #expect(try await run().status == 3)
            try await room.approve(.authorize)
            let fault = HSMFault(SoftHSMFolder(path: room.room.root + "/softhsm"))
            try fault.hide("keyrite-hsm", 0x30)
            let paused = try await run()
            #expect(paused.status == (isHosted ? 1 : 2), "\(paused.stderrText)")
            #expect(paused.stderrText.contains("no token at ") || paused.stderrText.contains("No token at "))
            #expect(paused.stderrText.contains("CKR_DEVICE_ERROR") == isHosted, "\(paused.stderrText)")
            #expect(paused.stderrText.contains("Run again once that is mended"), "\(paused.stderrText)")
            try fault.tellTruth()
            #expect(try await run().status == 3)
            let kinds = try room.record().transcript.lines.map(\.event.kind)
            #expect(kinds.count { $0 == .generated } == 1)
        }
    }
}
