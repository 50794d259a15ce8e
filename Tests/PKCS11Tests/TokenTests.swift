import Foundation
import PKCS11
import TestSupport
import Testing

@Suite("Tokens and their servers")
struct TokenTests {
    @Test(
        "tokens are made over the connection, relabelled REHEARSAL-ONLY, and found by label and serial though renumbered"
    )
    func initializeAndFind() async throws {
        try await TokenSite.with { site in
            var tokens: [TokenInfo] = []
            for label in ["first", "second", "a label of exactly thirty-two b."] {
                tokens.append(try await site.makeToken(label).info)
            }
            #expect(tokens.map(\.label) == ["first", "second", "a label of exactly thirty-two b."])
            #expect(Set(tokens.map(\.serial)).count == 3)
            for token in tokens {
                #expect(token.model == "REHEARSAL-ONLY")
                #expect(token.manufacturer == "SoftHSM project")
                #expect(token.flags.isSuperset(of: [.initialized, .loginRequired]))
                let found = try site.connect().slot(of: token.uri).tokenInfo()
                #expect(found.serial == token.serial)
                #expect(found.flags.contains(.userPINInitialized))
                #expect(try site.connect().slot(of: token.uri).mechanisms().isSuperset(of: [.rsaOAEP, .ecdsa]))
            }
        }
    }

    @Test("no token and two tokens are errors that name what was looked for")
    func ambiguity() async throws {
        try await TokenSite.with { site in
            _ = try await site.makeToken("same")
            _ = try await site.makeToken("same")
            let two = try #require(throws: PKCS11Error.self) { try site.connect().slot(of: PKCS11URI(token: "same")) }
            #expect(two.description.contains("2 tokens"))
            let none = try #require(throws: PKCS11Error.self) { try site.connect().slot(of: PKCS11URI(token: "other")) }
            #expect(none.description.contains("no token"))
            #expect(none.description.contains("pkcs11:token=other"))
        }
    }

    @Test("one process talks to several servers, and each has its own tokens")
    func severalServers() async throws {
        try await TokenSite.with { one in
            try await TokenSite.with { other in
                let first = try await one.makeToken("only here")
                let second = try await other.makeToken("only there")
                #expect(try one.connect().slot(of: first.info.uri).tokenInfo().serial == first.info.serial)
                #expect(throws: PKCS11Error.self) { try one.connect().slot(of: second.info.uri) }
                #expect(throws: PKCS11Error.self) { try other.connect().slot(of: first.info.uri) }
            }
        }
    }

    @Test("a hundred connections, one after another")
    func manyConnections() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("many").info
            for _ in 0..<100 {
                #expect(try site.connect().slot(of: token.uri).tokenInfo().label == "many")
            }
        }
    }

    @Test("a server that is gone is an error that says so, not a token that is missing")
    func serverGone() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("gone"))
            site.server.stop()
            site.server.stop()
            let error = try #require(throws: PKCS11Error.self) { try site.connect() }
            #expect(error.description.contains(site.server.socket))
            await #expect(throws: PKCS11Error.self) { try await session.generateRandom(count: 8) }
        }
    }

    @Test("a stopped server leaves no process and no socket")
    func stopLeavesNothing() async throws {
        try await TokenSite.with { site in
            let module = try site.connect()
            let group = site.server.processIdentifier
            #expect(processes(ofGroup: group).count >= 2, "the server and a child for the connection")
            site.server.stop()
            #expect(!FileManager.default.fileExists(atPath: site.server.socket))
            // Its connection was killed with it, and is init's to reap.
            while processes(ofGroup: group).contains(where: { !$0.isZombie }) { await Task.yield() }
            withExtendedLifetime(module) {}
        }
    }

    @Test("a server that cannot start is an error with what it said, not a wait")
    func serverWithoutModule() async throws {
        try await withTemporaryFolder { folder in
            let error = try await #require(throws: PKCS11Error.self) {
                try await TokenServer.start(
                    module: "/nowhere/module.so", socket: folder.appending(path: "s").path, environment: [:])
            }
            #expect(error.description.contains("/nowhere/module.so"))
        }
    }

    private func processes(ofGroup group: Int32) -> [(pid: Int32, isZombie: Bool)] {
        let pids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return pids.compactMap { pid in
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 2,
                Int32(fields[2]) == group
            else { return nil }
            return (pid, fields[0] == "Z")
        }
    }
}
