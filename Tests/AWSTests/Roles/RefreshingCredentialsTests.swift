import AWS
import Foundation
import Synchronization
import Testing

@Suite("Credentials that expire", .timeLimit(.minutes(60)))
struct RefreshingCredentialsTests {
    /// Gives credentials for so long, counts, and fails on demand.
    private final class Source: Sendable {
        private struct State {
            var loads = 0
            var isDown = false
        }
        private let state = Mutex(State())
        private let lifetime: Double

        init(lifetime: Double) { self.lifetime = lifetime }

        var loads: Int { state.withLock(\.loads) }
        func goDown(_ isDown: Bool = true) { state.withLock { $0.isDown = isDown } }

        func load(_ now: Date) throws -> Credentials {
            let (number, isDown) = state.withLock { state in
                state.loads += 1
                return (state.loads, state.isDown)
            }
            guard !isDown else { throw AWSError.configuration("down") }
            return Credentials(
                accessKeyID: "AKIA\(number)", secretAccessKey: try .example("s"),
                expiration: now.addingTimeInterval(lifetime))
        }

        var provider: RefreshingCredentials { RefreshingCredentials { try self.load($0) } }
    }

    private static func minute(_ minute: Double) -> Date { TestTime.start.addingTimeInterval(minute * 60) }

    @Test("are loaded anew with 15 minutes left, or with half of a short life")
    func windows() async throws {
        for (lifetime, last, next) in [(3_600.0, 44.9, 45.1), (900, 7.4, 7.6)] {
            let source = Source(lifetime: lifetime)
            let provider = source.provider
            for time in [0, last] {
                #expect(try await provider.credentials(at: Self.minute(time)).accessKeyID == "AKIA1")
            }
            #expect(try await provider.credentials(at: Self.minute(next)).accessKeyID == "AKIA2")
        }
    }

    @Test("are used on where no new ones come, which is tried once a minute, and at the end each time")
    func failing() async throws {
        let source = Source(lifetime: 3_600)
        let provider = source.provider
        _ = try await provider.credentials(at: Self.minute(0))
        source.goDown()
        for time in [46.0, 46.5, 46.9, 47.1] {
            #expect(try await provider.credentials(at: Self.minute(time)).accessKeyID == "AKIA1")
        }
        #expect(source.loads == 3)
        for _ in 0..<2 {
            let error = try await failure { _ = try await provider.credentials(at: Self.minute(59.5)) }
            #expect(error == .configuration("down"))
        }
        #expect(source.loads == 5)
        source.goDown(false)
        #expect(try await provider.credentials(at: Self.minute(59.6)).accessKeyID == "AKIA6")
    }

    private struct Left: Error {}
    private struct NoCode: NoNewCredentials {}

    @Test(
        "are not used on where whoever is asked for new ones leaves, or the task is cancelled; nor is that remembered")
    func leaving() async throws {
        let error = Mutex<(any Error)?>(nil)
        let loads = Mutex(0)
        let provider = RefreshingCredentials { now in
            let number = loads.withLock { number in
                number += 1
                return number
            }
            if let error = error.withLock({ $0 }) { throw error }
            return Credentials(
                accessKeyID: "AKIA\(number)", secretAccessKey: try .example("s"),
                expiration: now.addingTimeInterval(3_600))
        }
        try await provider.prepare(at: Self.minute(0), for: 900)
        error.withLock { $0 = Left() }
        await #expect(throws: Left.self) { try await provider.prepare(at: Self.minute(46), for: 900) }
        await #expect(throws: Left.self) { _ = try await provider.credentials(at: Self.minute(46)) }
        error.withLock { $0 = CancellationError() }
        await #expect(throws: CancellationError.self) { try await provider.prepare(at: Self.minute(46), for: 900) }
        error.withLock { $0 = NoCode() }
        try await provider.prepare(at: Self.minute(46), for: 900)
        #expect(try await provider.credentials(at: Self.minute(46)).accessKeyID == "AKIA1")
        await #expect(throws: NoCode.self) { try await provider.prepare(at: Self.minute(59.5), for: 900) }
        error.withLock { $0 = nil }
        #expect(try await provider.credentials(at: Self.minute(59.6)).accessKeyID == "AKIA7")
    }

    @Test("are loaded before a step that they might not outlast, and not in the middle of it")
    func steps() async throws {
        let source = Source(lifetime: 3_600)
        let provider = source.provider
        try await provider.prepare(at: Self.minute(0), for: 900)
        #expect(source.loads == 1)
        // A step that began with 15 minutes left goes on with what it began with.
        try await provider.prepare(at: Self.minute(44.9), for: 900)
        for time in [45.1, 52, 58.9] {
            #expect(try await provider.credentials(at: Self.minute(time)).accessKeyID == "AKIA1")
        }
        #expect(source.loads == 1)
        // What would expire in the middle is no use to the step either.
        #expect(try await provider.credentials(at: Self.minute(59.1)).accessKeyID == "AKIA2")
        try await provider.prepare(at: Self.minute(105), for: 900)
        #expect(source.loads == 3)
        // Where no better ones come, a step begins with what is good yet.
        source.goDown()
        try await provider.prepare(at: Self.minute(155), for: 900)
        #expect(try await provider.credentials(at: Self.minute(156)).accessKeyID == "AKIA3")
        await #expect(throws: AWSError.self) { try await provider.prepare(at: Self.minute(164.5), for: 900) }
    }
}
