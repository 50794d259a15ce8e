import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

/// What no token server passes on: the module lies to the program that loads it.
@Suite("Modules that lie, in the program itself", .timeLimit(.minutes(60)))
struct HostileModuleTests {
    /// A room whose site loads the module, and a ceremony there that may generate.
    private struct LoadedRoom {
        let room: CeremonyRoom
        let site: String

        init(_ room: CeremonyRoom) throws {
            self.room = room
            site = room.base.path + "/loaded.yaml"
            let own = try String(contentsOfFile: room.room.siteFile, encoding: .utf8)
            let loaded = own.replacing(/socket: ".*"/, with: "library: \"\(try HostileSite.module())\"")
            try #require(loaded != own)
            try Data(loaded.utf8).write(to: URL(filePath: site))
        }

        func keyrite(_ command: String..., lie: String? = nil) async throws -> ProcessOutcome {
            var environment = lie.map(HostileSite.environment) ?? [:]
            environment["PATH"] = "/usr/bin:/bin"
            environment["SOFTHSM2_CONF"] = SoftHSMFolder(path: room.room.root + "/softhsm").configuration
            return try await runProcess(
                "/usr/bin/timeout",
                ["--kill-after=5", "60", try CeremonyRoom.program()] + command + ["--site", site],
                environment: environment)
        }

        func authorize() async throws {
            let definition = room.base.path + "/definition.yaml"
            let text = """
                schema: keyrite.definition/1
                title: A test of a module that lies
                windowHours: 24
                wrappingKeySpec: RSA_2048
                keys:
                  - alias: \(CeremonyRoom.alias)
                    strategy: rotate
                    proof: true
                """
            try Data(text.utf8).write(to: URL(filePath: definition))
            let planned = try await keyrite(
                "plan", "--definition", definition, "--roster", room.room.rosterFolder, "--out", room.ceremony)
            try #require(planned.status == 0, "\(planned.stderrText)")
            let opened = try await keyrite("run", room.ceremony)
            try #require(opened.status == 3, "\(opened.stderrText)")
            for name in ["ben", "carol"] {
                let signed = try await keyrite("approve", room.ceremony, "--gate", "authorize", "--as", name, "--auto")
                try #require(signed.status == 0, "\(signed.stderrText)")
            }
        }
    }

    private static let functions = [
        "C_Initialize", "C_GetSlotList", "C_GetTokenInfo", "C_OpenSession", "C_Login", "C_GenerateKey",
        "C_GetAttributeValue", "C_EncryptInit", "C_CreateObject", "C_WrapKey", "C_SetAttributeValue",
    ]

    @Test("a token that fails to say what it is, is asked again, and not for ever")
    func askedAgain() async throws {
        try await CeremonyRoom.with { room in
            let loaded = try LoadedRoom(room)
            try await loaded.authorize()
            let silent = try await loaded.keyrite("run", room.ceremony, lie: "says-nothing")
            #expect(silent.status == 1)
            #expect(
                silent.stderrText.contains("C_GetTokenInfo at ") && silent.stderrText.contains("CKR_GENERAL_ERROR"),
                "\(silent.stderrText)")
            let run = try await loaded.keyrite("run", room.ceremony, lie: "says-at-second-asking")
            #expect(run.status == 3, "\(run.stderrText)")
        }
    }

    @Test("a NULL in the function list is an error that names the function, and no key was generated")
    func holes() async throws {
        try await CeremonyRoom.with { room in
            let loaded = try LoadedRoom(room)
            try await loaded.authorize()
            for function in Self.functions {
                let run = try await loaded.keyrite("run", room.ceremony, lie: "lacks-" + function)
                #expect(run.status == 1, "\(function)")
                #expect(run.stderrText.contains(function + " at "), "\(run.stderrText)")
                #expect(
                    run.stderrText.contains(
                        """
                        : the PKCS#11 module does not have this function. \
                        Use the vendor's full PKCS#11 2.40 module.
                        """), "\(function): \(run.stderrText)")
            }
            for (lie, said) in [
                ("has-no-list", "CKR_OK without a function list"), ("is-of-version-3", "it is of PKCS#11 3, not 2"),
            ] {
                let run = try await loaded.keyrite("run", room.ceremony, lie: lie)
                #expect(run.status == 1, "\(lie)")
                #expect(run.stderrText.contains(said), "\(run.stderrText)")
            }
            #expect(try room.record().slots.values.allSatisfy { $0.generated == nil })
            let honest = try await loaded.keyrite("run", room.ceremony, "--until", "generate")
            #expect(honest.status == 0, "\(honest.stderrText)")
            #expect(try room.record().slots.values.allSatisfy { $0.generated != nil })
        }
    }
}
