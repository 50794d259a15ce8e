import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

/// Over a module that says of one token that one more wrong PIN locks it.
@Suite("A PIN whose failure locks the token", .timeLimit(.minutes(60)))
struct FinalTryTests {
    /// Lends an attended run over a room that is planned, one of whose tokens warns from then on.
    private func attend(
        _ label: String, hostsModule: Bool = false,
        _ body: (Attendant, CeremonyRoom, FinalTryWarning) async throws -> Void
    ) async throws {
        let lie = HostileSite.environment("has-a-final-try")
        try await CeremonyRoom.with(
            tokenModule: try HostileSite.module(), tokenEnvironment: lie, hostsModule: hostsModule
        ) { room in
            try await room.plan()
            let warning = FinalTryWarning(SoftHSMFolder(path: room.room.root + "/softhsm"))
            try warning.issue(for: label)
            let people = try Attendant(
                ["run", room.ceremony, "--site", room.room.siteFile, "--attended"], room: room.room.root,
                environment: lie, columns: 250)
            defer { people.terminal.signal(SIGKILL) }
            try await body(people, room, warning)
        }
    }

    @Test(
        "of the HSM is tried when the administrator says so, once and on record, wherever its module is",
        arguments: [false, true])
    func hsm(hostsModule: Bool) async throws {
        try await attend("keyrite-hsm", hostsModule: hostsModule) { people, room, warning in
            for name in ["ben", "carol"] { try await people.approve("authorize", as: name) }
            for answers in [[""], ["ben"], ["ada", "yes"], ["ada", "final try", ""]] {
                try await decide(people, answers)
                try await people.expect("It is not tried. Nothing was taken down.")
                try await people.expect("It stopped: C_Login: refused: one more wrong PIN would lock token keyrite-hsm")
                #expect(warning.isStanding)
                #expect(try room.record().exceptions.isEmpty)
                try await people.answer("again, abort or leave: ", "again")
            }
            try await people.press("C", at: "Administrator: ")
            try await people.answer("resume, abort or leave: ", "resume")
            try await decide(people, ["ada", "final try", "its card was mixed up twice"])
            try await people.expect("Taken down: an exception by ada.")

            for gate in ["release", "activate"] {
                let read = try await people.approve(gate, as: "ben")
                #expect(read.contains("Why its card was mixed up twice Remedy it is tried once and no more"), "\(read)")
                try await people.approve(gate, as: "carol")
            }
            #expect(!warning.isStanding)
            try await close(people, room)

            let record = try room.record()
            #expect(record.exceptions.map(\.stated.exception.by) == ["ada"])
            #expect(
                record.exceptions.first?.stated.exception.what.hasSuffix(
                    ") says that one more wrong PIN locks it, and its PIN is tried all the same") == true)
            let kinds = record.transcript.lines.map(\.event.kind)
            let intended = try #require(kinds.firstIndex(of: .selfTestIntended))
            let reported = try #require(kinds.firstIndex(of: .exception))
            let tested = try #require(kinds.firstIndex(of: .selfTested))
            #expect(intended < reported && reported < tested)
            #expect(kinds.count { $0 == .selfTestIntended } == 1)
        }
    }

    @Test("of a participant is tried when the administrator says so, and a decision is good for one try")
    func participant() async throws {
        try await attend("keyrite-ben") { people, room, warning in
            func come() async throws {
                try await people.read(as: "ben")
                try await people.answer("authorize, no, read or back: ", "authorize")
            }
            try await come()
            try await decide(people, [""])
            try await people.expect("refused: one more wrong PIN would lock token keyrite-ben")
            #expect(try room.record().exceptions.isEmpty)

            try await people.approve("authorize", as: "carol")
            for (attempt, pin) in [(2, "not-the-pin"), (3, try people.pin(of: "ben"))] {
                #expect(warning.isStanding)
                try await come()
                try await decide(people, ["ada", "final try", "the count is that of last week"])
                try await people.expect("attempt \(attempt)")
                try await come()
                try await people.answer("PIN: ", pin)
                if attempt == 2 {
                    try await people.expect("The PIN is wrong: token keyrite-ben")
                    try await people.expect("Nothing was signed, and nothing was tried again.")
                    try await people.expect("one more wrong PIN locks it")
                }
            }
            try await people.expect("ben signed: approve at authorize.")
            #expect(!warning.isStanding)
            try await people.approve("authorize", as: "carol")
            for gate in ["release", "activate"] {
                for name in ["ben", "carol"] { try await people.approve(gate, as: name) }
            }
            try await close(people, room)
            #expect(try room.record().exceptions.count == 2)
        }
    }

    private func decide(_ people: Attendant, _ answers: [String]) async throws {
        for (question, answer) in zip(["Administrator: ", "Type final try: ", "Why: "], answers) {
            try await people.answer(question, answer)
        }
    }

    private func close(_ people: Attendant, _ room: CeremonyRoom) async throws {
        for name in ["ben", "carol", "wendy"] { try await people.approve("close", as: name) }
        try #require(try await people.terminal.end().status == 0, "\(people.terminal.unread)")
        try await AttendedTests.verify(room.base.path)
    }
}
