import Ceremony
import Evidence
import PKCS11
import Room
import Testing

/// Whole ceremonies over a token that lies: what stops them, and what has not happened by then.
@Suite("Ceremonies with tokens that lie", .timeLimit(.minutes(60)))
struct HostileCeremonyTests {
    private static let second = "alias/ledger"

    private func with(_ lie: String, _ body: (CeremonyRoom) async throws -> Void) async throws {
        try await CeremonyRoom.with(
            tokenModule: try HostileSite.module(), tokenEnvironment: HostileSite.environment(lie), body)
    }

    /// How many secret keys the ceremony's token keeps.
    private func keptKeys(in room: CeremonyRoom) async throws -> Int {
        guard case .socket(let path) = room.room.site.module else { throw RehearsalError("the room has no socket") }
        let slot = try Module.remote(socket: path).slot(of: try PKCS11URI(parsing: room.room.site.token))
        let session = try slot.openSession()
        try await session.login(pin: RehearsalTokens.pin(for: try slot.tokenInfo()))
        return try await session.findObjects([.objectClass(.secretKey)]).count
    }

    @Test("a token that answers CKR_OK and used SHA-1 is caught before any key exists")
    func sha1() async throws {
        try await with("wraps-with-sha1") { room in
            let ceremony = try await InProcessCeremony(in: room)
            let error = await #expect(throws: CeremonyError.self) { try await ceremony.hold(until: .generate) }
            #expect(
                error
                    == CeremonyError(
                        .environment,
                        "The token was asked to wrap under RSA-OAEP with SHA-256, answered CKR_OK and used SHA-1",
                        remedy: "This token cannot hold the ceremony. No key was generated"))
            let record = try room.record()
            #expect(record.transcript.lines.last?.event.kind == .selfTestIntended)
            #expect(record.slots.values.allSatisfy { $0.generated == nil })
            #expect(try await keptKeys(in: room) == 0)
        }
    }

    @Test("a token that uses SHA-1 only for the ceremony's own key is refused by KMS, and nothing was imported")
    func sha1Later() async throws {
        try await with("wraps-with-sha1/kept") { room in
            let ceremony = try await InProcessCeremony(in: room)
            let refused = await #expect(throws: ServiceRefused.self) { try await ceremony.hold(until: .import) }
            #expect(refused?.code == "InvalidCiphertextException")
            #expect(try room.record().slots[CeremonyRoom.slot]?.imported == nil)
        }
    }

    @Test(
        "a key that the template does not describe stops the ceremony before anything is fetched",
        arguments: [
            ("makes-readable-keys", "CKA_SENSITIVE false for true, CKA_ALWAYS_SENSITIVE false for true"),
            ("makes-short-keys", "CKA_VALUE_LEN 16 for 32"),
            ("imports-instead", "CKA_LOCAL false for true, CKA_ALWAYS_SENSITIVE false for true"),
        ])
    func otherKey(lie: String, differences: String) async throws {
        try await with(lie + "/kept") { room in
            let ceremony = try await InProcessCeremony(in: room)
            let error = await #expect(throws: CeremonyError.self) { try await ceremony.hold(until: .fetch) }
            #expect(
                error
                    == CeremonyError(
                        .state, "The HSM key for \(CeremonyRoom.slot) has \(differences)",
                        remedy: "It is not what the plan demands and must not be released. Have the token examined"))
            #expect(try room.record().transcript.lines.last?.event.kind == .generateIntended)
        }
    }

    @Test("two keys that are one stop the ceremony before anything is fetched")
    func oneKeyTwice() async throws {
        try await with("repeats-keys/kept") { room in
            try await room.room.seedExternalKey(alias: Self.second)
            let ceremony = try await InProcessCeremony(in: room, aliases: [CeremonyRoom.alias, Self.second])
            let error = await #expect(throws: CeremonyError.self) { try await ceremony.hold(until: .fetch) }
            #expect(
                error
                    == CeremonyError(
                        .state, "The HSM keys for \(CeremonyRoom.slot) and ledger are one key",
                        remedy: "Neither may be released. Have the token examined"))
            #expect(try room.record().transcript.lines.last?.event.kind == .generateIntended)
        }
    }

    @Test("a repeated blob stops the wrap, and no blob is written")
    func repeatedBlob() async throws {
        try await with("repeats-blobs/kept") { room in
            let ceremony = try await InProcessCeremony(in: room)
            let error = await #expect(throws: CeremonyError.self) { try await ceremony.hold(until: .wrap) }
            #expect(error?.what == "The token answered a wrap with the blob of an earlier one")
            #expect(try room.record().transcript.lines.last?.event.kind == .wrapIntended)
            #expect(try DiskFolder(at: room.ceremony).files().allSatisfy { !$0.hasPrefix("wrapped/") })
        }
    }

    @Test("a second key of that name stops the ceremony")
    func doubled() async throws {
        try await with("doubles-keys") { room in
            let ceremony = try await InProcessCeremony(in: room)
            let error = await #expect(throws: CeremonyError.self) { try await ceremony.hold(until: .fetch) }
            #expect(error?.what.hasPrefix("The token has 2 keys labelled ") == true, "\(String(describing: error))")
            let again = await #expect(throws: CeremonyError.self) { try await ceremony.hold(until: .fetch) }
            #expect(again?.what.hasPrefix("The token already has an object labelled ") == true)
            #expect(try room.record().slots[CeremonyRoom.slot]?.generated == nil)
        }
    }

    @Test("a token that is removed when it has made the key, and comes back: the key is found, and not made again")
    func removed() async throws {
        try await with("is-removed/kept") { room in
            let ceremony = try await InProcessCeremony(in: room)
            let error = await #expect(throws: PKCS11Error.self) { try await ceremony.hold(until: .generate) }
            #expect(error?.function == "C_GenerateKey")
            #expect(error?.cause == .returned(ReturnValue(rawValue: 0x32)))
            #expect(try await keptKeys(in: room) == 1)
            let record = try await ceremony.hold(until: .prove)
            #expect(record.slots[CeremonyRoom.slot]?.proved != nil)
            #expect(try await keptKeys(in: room) == 1)
        }
    }

    @Test("a session that is lost in the release's wrap leaves nothing wrapped, and nothing imported")
    func lost() async throws {
        try await with("loses-session/kept") { room in
            let ceremony = try await InProcessCeremony(in: room)
            for _ in 0..<2 {
                let error = await #expect(throws: PKCS11Error.self) { try await ceremony.hold(until: .import) }
                #expect(error?.function == "C_WrapKey")
                #expect(error?.cause == .returned(ReturnValue(rawValue: 0xB3)))
            }
            let slot = try #require(try room.record().slots[CeremonyRoom.slot])
            #expect(slot.blobs.isEmpty && slot.imported == nil)
        }
    }
}
