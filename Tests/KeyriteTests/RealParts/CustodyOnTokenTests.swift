import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import PKCS11
import Room
import Synchronization
import TestSupport
import Testing

@Suite("Custody on a real token", .timeLimit(.minutes(60)))
struct CustodyOnTokenTests {
    /// What people say as soon as they are asked, once.
    private final class Saying: AttendancePort {
        private let waiting: Mutex<[Interjection]>

        init(_ interjections: [Interjection]) { waiting = Mutex(interjections) }

        func takeBack(_: [Interjection]) { Issue.record("what was said could not be put on record") }

        func interjections() async throws -> [Interjection] {
            waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
        }
    }

    /// The objects that the ceremony's token keeps.
    private static func kept(in room: CeremonyRoom, _ template: [Attribute]) async throws -> (Session, [Object]) {
        let path: String? =
            switch room.room.site.module {
            case .socket(let path): path
            case .library(_, _, _, let socket): socket
            case nil: nil
            }
        let slot = try Module.remote(socket: try #require(path)).slot(of: try PKCS11URI(parsing: room.room.site.token))
        let session = try slot.openSession()
        try await session.login(pin: RehearsalTokens.pin(for: try slot.tokenInfo()))
        return (session, try await session.findObjects(template))
    }

    @Test("a locked key can never be wrapped again; a destroyed one is gone", arguments: [Retention.lock, .destroy])
    func notRetained(_ retention: Retention) async throws {
        try await CeremonyRoom.with { room in
            let what = "\(retention.rawValue) \(CeremonyRoom.slot)"
            let saying = Saying([
                .exhibit(by: "ada", name: "backup.txt", what: "restored on another HSM", bytes: [1]),
                .exception(by: "ada", what: what, why: "the policy", remedy: "the backup was restored"),
            ])
            let ceremony = try await InProcessCeremony(
                in: room, custody: Custody(retention: retention, backup: "backup.txt"), attendance: saying)
            #expect(try await ceremony.hold().closed)
            let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
            #expect(verified.status == 0, "\(verified.stdoutText)")
            let (session, keys) = try await Self.kept(in: room, [.objectClass(.secretKey)])
            #expect(keys.count == (retention == .lock ? 1 : 0))
            for key in keys {
                let wrapping = try await session.createWrappingKey(
                    try RSAPrivateKey(bits: 2048).publicKey, label: "mallory", id: [1])
                await #expect(throws: PKCS11Error.self) { try await session.wrap(key, under: wrapping) }
                await #expect(throws: PKCS11Error.self) {
                    try await session.setAttributes([Attribute(.extractable, true)], of: key)
                }
            }
        }
    }

    @Test(
        """
        with trusted wrapping nothing leaves before the security officer, at another console, has the token trust the very \
        keys that were released; not even to a key of somebody's who has the user's PIN
        """, arguments: [false, true])
    func trusted(hostsModule: Bool) async throws {
        try await CeremonyRoom.with(hostsModule: hostsModule) { room in
            let definition = room.base.appending(path: "trusted.yaml")
            let text = """
                schema: keyrite.definition/1
                title: Only where the officer says
                windowHours: 24
                wrappingKeySpec: RSA_2048
                keys:
                  - {alias: \(CeremonyRoom.alias), strategy: rotate, proof: true, trustedWrapping: true}

                """
            try Data(text.utf8).write(to: definition)
            try await room.plan(definition: definition.path)
            let early = try await Self.trust(room)
            #expect(early == (1, "keyrite: No release is waiting to be carried out."))
            for gate in [Gate.authorize, .release] {
                #expect(try await room.run().status == 3)
                try await room.approve(gate)
            }
            let untrusted = try await room.run()
            #expect(untrusted.status == 1)
            #expect(untrusted.stderrText.contains("wrapping keys labelled keyrite/"), "\(untrusted.stderrText)")
            #expect(untrusted.stderrText.contains("keyrite trust"), "\(untrusted.stderrText)")
            try await Self.expectNoOtherWay(in: room)

            #expect(try await Self.trust(room, says: "yes") == (1, "keyrite: Nothing was trusted."))
            #expect(try await room.run().status == 1)
            // The second time in the place of what the first left, as of an earlier release.
            for _ in 1...2 {
                #expect(try await Self.trust(room, says: "trust") == (0, "The token trusts 2 wrapping keys."))
            }
            for gate in [Gate.activate, .close] {
                let waiting = try await room.run()
                try #require(waiting.status == 3, "\(waiting.stderrText)")
                try await room.approve(gate)
            }
            #expect(try await room.run().status == 0)
            let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
            #expect(verified.status == 0, "\(verified.stdoutText)")
            #expect(try await Self.kept(in: room, [.objectClass(.publicKey)]).1.isEmpty)
        }
    }

    /// Whoever has the user's PIN alone wraps the key under nothing of their own.
    private static func expectNoOtherWay(in room: CeremonyRoom) async throws {
        let (session, keys) = try await kept(in: room, [.objectClass(.secretKey)])
        let key = try #require(keys.first)
        let own = try await session.createWrappingKey(
            try RSAPrivateKey(bits: 2048).publicKey, label: "mallory", id: [1])
        await #expect(throws: PKCS11Error.self) { try await session.wrap(key, under: own) }
        await #expect(throws: PKCS11Error.self) {
            try await session.createWrappingKey(
                try RSAPrivateKey(bits: 2048).publicKey, label: "mallory", id: [2], with: [Attribute(.trusted, true)])
        }
        await #expect(throws: PKCS11Error.self) {
            try await session.setAttributes([Attribute(.wrapWithTrusted, false)], of: key)
        }
    }

    /// The officer at their console.
    ///
    /// - Parameter says: What is typed at the question; nil when none is expected.
    /// - Returns: The exit code, and the sentence with which it ends.
    private static func trust(_ room: CeremonyRoom, says: String? = nil) async throws -> (Int32, String) {
        let terminal = try Pseudoterminal(
            [try CeremonyRoom.program(), "trust", room.ceremony, "--site", room.room.siteFile],
            environment: ["PATH": "/usr/bin:/bin", "TERM": "dumb"])
        defer { terminal.signal(SIGKILL) }
        if let says {
            let release = try room.record().gates.statement(of: .release)?.subject
            guard case .release(let subject)? = release, let target = subject.slots.first?.import else {
                throw RehearsalError("no release was passed")
            }
            var page = 1
            while true {
                let shown = try await terminal.expect("Page \(page) of ")
                if page == 1 { #expect(shown.contains(target.spki.hex)) }
                let pages = try #require(Int(try await terminal.expect(". Enter: ").prefix { $0 != "." }))
                terminal.type("\n")
                if page == pages { break }
                page += 1
            }
            try await terminal.expect("trust: ")
            terminal.type(says + "\n")
        }
        let (status, _) = try await terminal.end()
        let words = terminal.words
        let start = words.ranges(of: status == 0 ? "The token trusts" : "keyrite: ").last?.lowerBound ?? words.endIndex
        let last = words[start...]
        return (status, last.firstRange(of: ".").map { String(last[..<$0.upperBound]) } ?? String(last))
    }
}
