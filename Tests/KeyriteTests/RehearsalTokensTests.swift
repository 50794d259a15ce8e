import CryptoPrimitives
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

@Suite("The tokens of a rehearsal")
struct RehearsalTokensTests {
    @Test("each participant has a token with a signing key whose public half is the one that was returned")
    func participantsSign() async throws {
        try await TokenSite.with { site in
            let tokens = try await RehearsalTokens.create(
                socket: site.server.socket, hsm: "HSM", participants: ["alice", "bob"])
            #expect(tokens.hsm.label == "HSM")
            #expect(Set(tokens.signers.keys) == ["alice", "bob"])
            #expect(Set(tokens.signers.values.map(\.publicKey)).count == 2)
            for (name, signer) in tokens.signers {
                #expect(signer.token.label == name)
                let session = try site.connect().slot(of: signer.token.uri).openSession()
                try await session.login(pin: RehearsalTokens.pin(for: signer.token))
                let keys = try await session.findObjects([
                    .objectClass(.privateKey), .label(RehearsalTokens.signingKeyLabel),
                ])
                try #require(keys.count == 1)
                let digest = SHA256Digest(of: Array(name.utf8))
                let signature = try await session.signECDSA(digest, with: keys[0])
                #expect(
                    try signer.publicKey.isValid(
                        r: Array(signature.prefix(32)), s: Array(signature.suffix(32)), digest: digest))
            }
        }
    }

    @Test("no PIN is derived for a token that is not a rehearsal's")
    func pinForRehearsalAlone() async throws {
        try await TokenSite.with(module: TokenSite.stockModule) { site in
            let token = try await site.makeToken("live")
            let error = try #require(throws: PKCS11Error.self) { try RehearsalTokens.pin(for: token.info) }
            #expect(error.description.contains("SoftHSM v2"))
            #expect(error.description.contains(token.info.serial))
        }
    }

    @Test("two tokens with one label are refused before anything is made")
    func labelsDiffer() async throws {
        try await TokenSite.with { site in
            await #expect(throws: PKCS11Error.self) {
                try await RehearsalTokens.create(socket: site.server.socket, hsm: "x", participants: ["x"])
            }
            let slots = try site.connect().slots()
            #expect(slots.count == 1, "the uninitialized one that SoftHSM always has")
        }
    }
}
