import Ceremony
import PKCS11
import Room
import TestSupport
import Testing

/// A login is the connection's: a second session on it shows whether it still stands, where a last session that closes
/// would end it in any case.
@Suite("Nobody stays logged in to a token")
struct LogoutTests {
    @Test("a participant is logged out once they have signed, and when they could not")
    func signer() async throws {
        try await with { watch, module in
            let token = watch.slot
            let uri = try token.tokenInfo().uri
            let right = TokenSigner(
                token: uri, keyLabel: RehearsalTokens.signingKeyLabel, pin: RehearsalTokens.entry, connect: { module })
            for _ in 0..<2 {
                _ = try await right.sign([1], namespace: "keyrite.gate.v1.rehearsal")
                #expect(try await privateKeys(in: watch) == 0)
            }
            let wrong = TokenSigner(token: uri, keyLabel: "none", pin: RehearsalTokens.entry, connect: { module })
            await #expect(throws: CeremonyError.self) {
                try await wrong.sign([1], namespace: "keyrite.gate.v1.rehearsal")
            }
            #expect(try await privateKeys(in: watch) == 0)
        }
    }

    @Test("the HSM is left logged out, and can be come back to")
    func hsm() async throws {
        try await with { watch, module in
            let hsm = TokenHSM(
                token: try watch.slot.tokenInfo().uri, pin: RehearsalTokens.entry, connect: { module })
            for _ in 0..<2 {
                _ = try await hsm.find(label: "none", id: "00")
                #expect(try await privateKeys(in: watch) == 1)
                try await hsm.leave()
                #expect(try await privateKeys(in: watch) == 0)
            }
        }
    }

    /// Lends a session that sees what the connection may see, on a token with one private key.
    private func with(_ body: (Session, Module) async throws -> Void) async throws {
        try await TokenSite.with { site in
            let tokens = try await RehearsalTokens.create(
                socket: site.server.socket, hsm: "HSM", participants: ["ben"])
            let token = try #require(tokens.signers["ben"]).token
            let module = try site.connect()
            let watch = try module.slot(of: token.uri).openSession()
            try await watch.login(pin: try RehearsalTokens.pin(for: token))
            try #require(try await privateKeys(in: watch) == 1)
            try await watch.logout()
            try #require(try await privateKeys(in: watch) == 0)
            try await body(watch, module)
        }
    }

    private func privateKeys(in session: Session) async throws -> Int {
        try await session.findObjects([.objectClass(.privateKey)]).count
    }
}
