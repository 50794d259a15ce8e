import CryptoPrimitives
import Evidence
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

    @Test("a PIN lies in locked memory alone, and on its participant's card")
    func pinInLockedMemory() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            for number in 0..<20 {
                let token = Self.token("\(UUID())")
                let now = Timestamp(epochSeconds: 1_795_000_000)
                let member = Member(
                    name: "p\(number)", role: .custodian, key: "", validFrom: now, validUntil: now)
                let pin = try RehearsalTokens.pin(for: token)
                try RehearsalCard.write(for: member, token: token, in: folder)
                #expect(try OwnMemory.occurrences(of: pin) == 1)
                let card = try folder.read("people/p\(number).txt")
                let digits = pin.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                #expect(digits.wholeMatch(of: /[0-9a-f]{16}/) != nil)
                #expect(
                    String(decoding: card, as: UTF8.self)
                        == "name   p\(number)\nrole   custodian\ntoken  \(token.label)\nPIN    \(digits)\n")
            }
        }
    }

    /// What a rehearsal's token of this label would say of itself.
    private static func token(_ label: String) -> TokenInfo {
        let version = TokenInfo.Version(major: 1, minor: 0)
        return TokenInfo(
            label: label, manufacturer: "m", model: RehearsalModule.tokenModel, serial: "1", flags: [],
            hardwareVersion: version, firmwareVersion: version)
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
