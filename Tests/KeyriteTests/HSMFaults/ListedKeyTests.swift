import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

/// Over a module that tells of every login.
@Suite("A participant's PIN goes to the token that the roster knows", .timeLimit(.minutes(60)))
struct ListedKeyTests {
    private static let namespace = "keyrite.gate.v1.rehearsal"

    @Test("and to no other of the same label, which is not even asked for it")
    func anotherOfItsName() async throws {
        try await TokenSite.with { site in
            let uri = try PKCS11URI(parsing: "pkcs11:token=ben")
            let ben = try await key(of: "ben", at: site)
            let own = try signer(uri, listed: .ecdsaP256(ben), socket: site.server.socket, pin: RehearsalTokens.entry)
            try await own.requireListed()
            _ = try await own.sign([1], namespace: Self.namespace)
            try await TokenSite.with { theirs in
                let other = try await key(of: "ben", at: theirs)
                try await withWatch(over: theirs) { socket, fault in
                    let signer = try signer(uri, listed: .ecdsaP256(ben), socket: socket, pin: Self.nobody)
                    for attempt in [
                        { try await signer.requireListed() },
                        { _ = try await signer.sign([1], namespace: Self.namespace) },
                        { _ = try await signer.signPlainly([1]) },
                    ] {
                        let error = await #expect(throws: CeremonyError.self) { try await attempt() }
                        #expect(error?.kind == .environment)
                        let what = error?.what ?? ""
                        #expect(what.hasPrefix("This is not ben's token, as the roster knows it: token ben (serial "))
                        #expect(what.contains("has the key \(SSHPublicKey.ecdsaP256(other).fingerprint)"))
                        #expect(what.contains("the roster lists \(SSHPublicKey.ecdsaP256(ben).fingerprint)"))
                        #expect(error?.remedy.hasPrefix("No PIN was sent to it. ") == true)
                    }
                    #expect(fault.logins() == 0)
                    // Nor to the right point, where the roster lists it as another kind of key.
                    let authenticator = try self.signer(
                        uri, listed: try Self.onAuthenticator(other), socket: socket, pin: Self.nobody)
                    await #expect(throws: CeremonyError.self) {
                        try await authenticator.sign([1], namespace: Self.namespace)
                    }
                    #expect(fault.logins() == 0)
                    // Who watches would have seen a login.
                    let theirOwn = try self.signer(
                        uri, listed: .ecdsaP256(other), socket: socket, pin: RehearsalTokens.entry)
                    _ = try await theirOwn.sign([1], namespace: Self.namespace)
                    #expect(fault.logins() == 1)
                }
            }
        }
    }

    private static let nobody: PINSource = { token in
        Issue.record("a PIN was asked for \(token.name)")
        throw CocoaError(.userCancelled)
    }

    /// The same point as a FIDO2 key.
    private static func onAuthenticator(_ key: P256PublicKey) throws -> SSHPublicKey {
        let names: [[UInt8]] = ["sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", "ssh:"].map { Array($0.utf8) }
        var blob: [UInt8] = []
        for field in [names[0], names[1], key.point, names[2]] { blob += [0, 0, 0, UInt8(field.count)] + field }
        return try SSHPublicKey(blob: blob)
    }

    /// Makes a participant's token with a signing key.
    private func key(of name: String, at site: TokenSite) async throws -> P256PublicKey {
        let made = try await RehearsalTokens.create(socket: site.server.socket, hsm: "HSM", participants: [name])
        return try #require(made.signers[name]).publicKey
    }

    /// Lends another socket to a site's tokens, by a module that tells of logins.
    private func withWatch(over site: TokenSite, _ body: (String, HSMFault) async throws -> Void) async throws {
        let socket = site.folder.appending(path: "watched").path
        let server = try await TokenServer.start(
            module: try HostileSite.module(), socket: socket,
            environment: site.softHSM.environment.merging(HostileSite.environment(HSMFault.lie)) { $1 })
        defer { server.stop() }
        try await body(socket, HSMFault(site.softHSM))
    }

    private func signer(
        _ uri: PKCS11URI, listed key: SSHPublicKey, socket: String, pin: @escaping PINSource
    ) throws -> TokenSigner {
        let now = SystemClock().now()
        let member = Member(
            name: "ben", role: .custodian, key: key.line, validFrom: now, validUntil: now.advanced(bySeconds: 3600))
        return TokenSigner(
            token: uri, keyLabel: RehearsalTokens.signingKeyLabel, listed: try ListedKey(of: member), pin: pin
        ) { try Module.remote(socket: socket) }
    }
}
