import AWS
import Estate
import Evidence
import Foundation
import Synchronization
import TestSupport
import Testing

extension CallerLookupTests {
    private static func parts(_ folder: TemporaryFolder) throws -> PartsFolder {
        let question = PartsQuestion(
            endpoint: "https://kms.example", site: region, caller: "arn:aws:iam::\(account):user/a", account: account,
            roles: [], organization: nil, regions: [region])
        return try PartsFolder(at: folder.path + "/out.parts", for: question, meeting: .takeOver) { began }
    }

    /// One signs with each key, two events each.
    private static let pages: @Sendable (String) throws -> [[LookedUpEvent]] = { key in
        (2...3).map { [event("Sign", #"{"keyId":"\#(key)"}"#, minute: $0)] }
    }

    private func keys(_ asked: Asked) -> [String] { asked.keys.withLock { $0.map { String($0.suffix(3)) } } }

    /// Ended by a cancellation at the second key.
    private func ended(_ folder: TemporaryFolder, most: Int = 100) async throws {
        await #expect(throws: CancellationError.self) {
            _ = try await snapshot(most: most, parts: try Self.parts(folder)) { key in
                if key == Self.arn("k-2") { throw CancellationError() }
                return try Self.pages(key)
            }
        }
    }

    @Test("that was ended goes on with the keys that are left, since the same time, and comes to the same")
    func goesOn() async throws {
        let plain = try await snapshot(Self.pages)
        let folder = try TemporaryFolder()
        try await ended(folder)
        // Later than before.
        let (second, third) = (Asked(), Asked())
        second.since.withLock { $0 = Self.since.advanced(bySeconds: 7_200) }
        let resumed = try await snapshot(asked: second, parts: try Self.parts(folder), Self.pages)
        #expect(keys(second) == ["k-2", "k-9"] && second.trials.withLock { $0 } == 0)
        #expect(resumed == plain && resumed.callers.count == 3 && resumed.header.events?.since == Self.since)
        // Nothing is left to ask.
        let again = try await snapshot(asked: third, parts: try Self.parts(folder), Self.pages)
        #expect(keys(third).isEmpty && third.trials.withLock { $0 } == 0 && again == plain)
    }

    @Test(
        "that was ended asks again for what was throttled out, denied or cannot be read, and for what is torn on the disk"
    )
    func asksAgain() async throws {
        let plain = try await snapshot(Self.pages)
        let flawed = Self.event("Sign", "{}").text.replacing("eventTime", with: "eventTim")
        for code in ["ThrottlingException", "InternalServerException", "unreadable"] {
            let folder = try TemporaryFolder()
            let first = try await snapshot(parts: try Self.parts(folder)) { key in
                guard key == Self.arn("k-1") else { return try Self.pages(key) }
                guard code == "unreadable" else { throw CannedCaller.refusal(code, "LookupEvents") }
                let good = Self.event("Sign", "{}")
                return [
                    [
                        LookedUpEvent(
                            id: "bad", name: "Sign", readOnly: nil, accessKeyID: nil, time: good.time,
                            source: good.source, username: nil, resources: [], text: flawed)
                    ]
                ]
            }
            #expect(first.unread.map(\.resource?.text) == [Self.arn("k-1")], "\(code)")
            let asked = Asked()
            #expect(try await snapshot(asked: asked, parts: try Self.parts(folder), Self.pages) == plain)
            #expect(keys(asked) == ["k-1"], "\(code)")
        }
        let folder = try TemporaryFolder()
        let denied = try await snapshot(parts: try Self.parts(folder)) { _ in
            throw CannedCaller.refusal("AccessDeniedException", "LookupEvents")
        }
        #expect(denied.unread.map(\.reason) == [.denied])
        for (tear, left) in [
            ({ (_: Data) in Data() }, ["k-1", "k-2", "k-9"]), ({ Data($0.dropLast()) }, ["k-1", "k-2", "k-9"]),
        ] as [((Data) -> Data, [String])] {
            let asked = Asked()
            #expect(try await snapshot(asked: asked, parts: try Self.parts(folder), Self.pages) == plain)
            #expect(keys(asked) == left)
            let path = folder.path + "/out.parts"
            let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".callers") }
            #expect(names.count == 4)
            for name in names {
                let file = URL(filePath: path + "/" + name)
                try tear(try Data(contentsOf: file)).write(to: file)
            }
        }
    }

    @Test("keeps that the newest of a key's events were looked at; where no key can be found, that is said again")
    func keepsWhatLasts() async throws {
        let folder = try TemporaryFolder()
        try await ended(folder, most: 1)
        let asked = Asked()
        let snapshot = try await snapshot(asked: asked, most: 1, parts: try Self.parts(folder), Self.pages)
        #expect(keys(asked) == ["k-2", "k-9"])
        #expect(snapshot.unread.map(\.reason) == [.tooMany, .tooMany, .tooMany])
        let hiding: @Sendable (String) -> [LookedUpEvent] = { _ in [Self.event("Decrypt", #"{"keyId":"k-1"}"#)] }
        let other = try TemporaryFolder()
        for _ in 1...2 {
            let snapshot = try await self.snapshot(parts: try Self.parts(other), newest: hiding, Self.pages)
            #expect(snapshot.unread.map(\.resource?.text) == [nil] && snapshot.unread.map(\.reason) == [.unusable])
        }
    }

    @Test("of other days begins again")
    func otherDays() async throws {
        let folder = try TemporaryFolder()
        try await ended(folder)
        let since = Self.since.advanced(bySeconds: -86_400)
        let asked = Asked(demanding: since)
        asked.since.withLock { $0 = since }
        let snapshot = try await snapshot(asked: asked, parts: try Self.parts(folder), days: 8, Self.pages)
        #expect(keys(asked) == ["k-1", "k-2", "k-9"] && asked.trials.withLock { $0 } == 2)
        #expect(snapshot.header.events?.since == since)
    }
}
