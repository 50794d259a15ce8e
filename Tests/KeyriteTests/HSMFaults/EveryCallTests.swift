import Ceremony
import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

/// Ceremonies by the program, with a token of which any call may fail: each run of a ceremony meets one, and is run again.
@Suite("A token that fails at any call of a ceremony", .timeLimit(.minutes(120)))
struct EveryCallTests {
    /// `KEYRITE_EVERY_KILL` has every call fail; without it, a few of each run, other ones in each run of the tests.
    private static let isEvery = ProcessInfo.processInfo.environment["KEYRITE_EVERY_KILL"] != nil

    /// What the token answers.
    private static let codes: [(code: UInt, name: String)] = [
        (0x30, "CKR_DEVICE_ERROR"), (0x32, "CKR_DEVICE_REMOVED"), (0xB3, "CKR_SESSION_HANDLE_INVALID"),
        (0xE0, "CKR_TOKEN_NOT_PRESENT"), (0x101, "CKR_USER_NOT_LOGGED_IN"),
    ]

    @Test("is told with what to do; run again, the ceremony goes on: one key for the slot, and every effect once")
    func everyCall() async throws {
        let lie = HostileSite.environment("fails-anywhere")
        try await CeremonyRoom.with(tokenModule: try HostileSite.module(), tokenEnvironment: lie) { room in
            let calls = TokenCalls(SoftHSMFolder(path: room.room.root + "/softhsm"))
            // One to count, in which nothing fails.
            var left: [[Int]] = []
            var names: [[String]] = []
            var told = 0
            try await hold(0, room) { run in
                calls.forget()
                let outcome = try await run()
                names.append(calls.names)
                left.append(Self.chosen(among: calls.names))
                return outcome
            }
            #expect(names.joined().contains("C_WrapKey") && names.joined().contains("C_GenerateKey"))
            var ceremony = 0
            while left.contains(where: { !$0.isEmpty }) {
                ceremony += 1
                var turn = 0
                try await hold(ceremony, room) { run in
                    defer { turn += 1 }
                    guard left.indices.contains(turn), let number = left[turn].popLast() else { return try await run() }
                    let (code, name) = Self.codes[number % Self.codes.count]
                    let when: HSMFault.When = (number / Self.codes.count) % 2 == 0 ? .before : .after
                    calls.forget()
                    try calls.fail(number, code, when)
                    let failed = try await run()
                    let function = calls.names.count >= number ? calls.names[number - 1] : "nothing"
                    let place = "run \(turn + 1), call \(number), \(function), \(when) its effect: \(name)"
                    calls.forget()
                    expectTold(failed, name, Comment(rawValue: "\(place): \(failed.stderrText)"))
                    guard ![0, 3].contains(failed.status) else { return failed }
                    told += 1
                    return try await run()
                }
            }
            #expect(told > ceremony)
        }
    }

    @Test("so is one that fails while it is examined, which says nothing of what it can do")
    func examined() async throws {
        let lie = HostileSite.environment("fails-anywhere")
        try await CeremonyRoom.with(tokenModule: try HostileSite.module(), tokenEnvironment: lie) { room in
            let calls = TokenCalls(SoftHSMFolder(path: room.room.root + "/softhsm"))
            var (runs, turn): ([[String]], Int) = ([], 0)
            try await hold(0, room) { run in
                calls.forget()
                defer { runs.append(calls.namesSinceLogin) }
                return try await run()
            }
            // Only the examination opens a second session, and closes it at once.
            let second = ["C_OpenSession", "C_GetTokenInfo", "C_CloseSession"]
            let begins = runs.map { names in names.indices.first { names[$0...].starts(with: second) } }
            #expect(begins.compactMap(\.self).count == 1)
            try await hold(1, room) { run in
                defer { turn += 1 }
                guard begins.indices.contains(turn), let begin = begins[turn] else { return try await run() }
                for (number, function) in zip((begin + 1)..., second) {
                    for (code, name) in Self.codes {
                        calls.forget()
                        try calls.fail(number, since: .login, code, .before)
                        let failed = try await run()
                        let names = calls.namesSinceLogin
                        let comment: Comment = "\(function), \(name): \(failed.stderrText)"
                        #expect(failed.status == 1 && names.dropFirst(number - 1).first == function, comment)
                        expectTold(failed, name, comment)
                        #expect(failed.stderrText.contains("The ceremony stands where it was"), comment)
                    }
                }
                calls.forget()
                return try await run()
            }
        }
    }

    /// Which calls of a run fail, by their numbers: all, or one of each of three functions.
    private static func chosen(among names: [String]) -> [Int] {
        guard !isEvery else { return Array(names.indices.map { $0 + 1 }) }
        let functions = Dictionary(grouping: names.indices.map { $0 + 1 }) { names[$0 - 1] }
        return functions.values.compactMap { $0.randomElement() }.shuffled().prefix(3).map(\.self)
    }

    /// Whoever reads it knows what happened and what to do; a call at the end of a step may fail without harm.
    private func expectTold(_ failed: ProcessOutcome, _ name: String, _ comment: Comment) {
        guard ![0, 3].contains(failed.status) else { return }
        #expect(failed.status == 1 || failed.status == 2, comment)
        #expect(failed.stderrText.contains(name) || failed.stderrText.contains("no token at "), comment)
        #expect(failed.stderrText.contains("un again"), comment)
    }

    /// Holds a ceremony over a new key, and takes its one key off the token afterwards: the next makes the same calls.
    ///
    /// - Parameter each: Runs the program, in whatever way.
    private func hold(
        _ number: Int, _ room: CeremonyRoom,
        each: (() async throws -> ProcessOutcome) async throws -> ProcessOutcome
    ) async throws {
        let alias = "alias/key-\(number)"
        try await room.room.seedExternalKey(alias: alias)
        let own = CeremonyRoom(base: room.base.appending(path: "\(number)"), room: room.room)
        try FileManager.default.createDirectory(at: own.base, withIntermediateDirectories: false)
        try await own.plan(.rotate, alias: alias)
        var outcome: ProcessOutcome
        repeat {
            outcome = try await each { try await own.run() }
            try #require([0, 3].contains(outcome.status), "\(number): \(outcome.stderrText)")
            if outcome.status == 3 {
                try await own.approveHere(try #require(try own.record().gates.open?.statement.gate))
            }
        } while outcome.status == 3
        let kinds = try own.record().transcript.lines.map(\.event.kind)
        let effects: [EventKind] = [.generated, .wrapped, .imported, .proved, .rotated, .settled]
        #expect(effects.map { kind in kinds.count { $0 == kind } } == effects.map { _ in 1 })
        try await own.expectBothHold()
        let slot = try Module.remote(socket: try #require(room.room.socket)).slot(
            of: try PKCS11URI(parsing: room.room.site.token))
        let session = try slot.openSession()
        try await session.login(pin: RehearsalTokens.pin(for: try slot.tokenInfo()))
        let keys = try await session.findObjects([.objectClass(.secretKey)])
        #expect(keys.count == 1)
        for key in keys { try await session.destroy(key) }
        try await session.close()
    }
}

extension RehearsalSite {
    /// Of the server before its tokens.
    fileprivate var socket: String? {
        switch site.module {
        case .socket(let path): path
        case .library(_, _, _, let socket): socket
        case nil: nil
        }
    }
}
