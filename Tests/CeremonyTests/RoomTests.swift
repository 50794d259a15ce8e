import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What people in the room put on record")
struct RoomTests {
    private static let twoCustodians = [GateRequirement(role: .custodian, count: 2)]

    @Test("a note changes nothing: what was signed before it still counts")
    func note() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben")
        _ = try await room.engine().run()
        room.speakers.say(.note(by: "wendy", text: "the door stood open: 100 % of it, naïvely"))
        try await room.sign(.release, as: "carol")
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.statement(of: .release)?.attempt == 1)
        #expect(
            try await room.notes()
                == [Note(by: "wendy", text: "the door stood open: 100 %25 of it, na%C3%AFvely")])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("an exception voids what was signed, and the next quorum signs it, to the end")
    func exception() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben")
        _ = try await room.engine().run()
        room.speakers.say(
            .exception(by: "ben", what: "carol left the room", why: "fire drill", remedy: "the room was sealed"))
        let waiting = Outcome.waiting(gate: .release, attempt: 2, missing: Self.twoCustodians)
        #expect(try await room.engine().run() == waiting)
        let deviation = Deviation(
            by: "ben", what: "carol left the room", why: "fire drill", remedy: "the room was sealed")
        let open = try #require(try await room.record().gates.open)
        #expect(open.statement.exceptions.map(\.exception) == [deviation])
        #expect(try await room.advance() == .closed)
        guard case .close(let close)? = try await room.record().gates.statement(of: .close)?.subject else {
            Issue.record("no close was signed")
            return
        }
        #expect(close.exceptions.count == 1 && close.aborted == nil)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a note while the close is open starts it anew, so that the seal has it")
    func noteAtClose() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .close)
        room.speakers.say(.note(by: "wendy", text: "late"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.statement(of: .close)?.attempt == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("an exhibit is sealed with the rest; changed or missing, both verifiers name it")
    func exhibit() async throws {
        let room = try await TestRoom.ready()
        room.speakers.say(.exhibit(by: "wendy", name: "seal.jpg", what: "the bag's seal", bytes: [1, 2, 3]))
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        try room.folder.write([1, 2], to: "exhibits/seal.jpg")
        try await room.expectBothSay("REFUSED: exhibits/seal.jpg")
        try room.folder.remove("exhibits/seal.jpg")
        try await room.expectBothSay("REFUSED: exhibits/seal.jpg")
    }

    @Test(
        "what nobody on the roster said, what says nothing, and a name that is none are refused and not recorded",
        arguments: [
            Interjection.note(by: "eve", text: "x"), .note(by: "ben", text: ""),
            .exception(by: "ben", what: "x", why: "", remedy: "x"),
            .exhibit(by: "ben", name: "../plan.json", what: "x", bytes: []),
            .exhibit(by: "ben", name: ".hidden", what: "x", bytes: []), .abort(by: "ben", reason: ""),
        ])
    func unfit(interjection: Interjection) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        let before = try room.folder.read(Transcript.path)
        let files = try room.folder.files().sorted()
        room.speakers.say(interjection)
        let error = await #expect(throws: CeremonyError.self) { try await room.engine().run() }
        #expect(error?.kind == .invalidInput)
        let lines = try Transcript(parsing: try room.folder.read(Transcript.path)).lines
        #expect(lines == (try Transcript(parsing: before)).lines)
        #expect(try room.folder.files().sorted() == files)
    }

    @Test("a second exhibit of one name leaves the first as it is")
    func secondExhibit() async throws {
        let room = try await TestRoom.ready()
        room.speakers.say(
            .exhibit(by: "ben", name: "log", what: "a", bytes: [1]),
            .exhibit(by: "ben", name: "log", what: "b", bytes: [2]))
        await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(try room.folder.read("exhibits/log") == [1])
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "an abort ends the ceremony at any gate: nothing more is done, no blob and no token stays, the close says why",
        arguments: Gate.allCases)
    func abort(gate: Gate) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: gate)
        let before = (hsm: await room.hsm.allowed, kms: await room.kms.allowed)
        room.speakers.say(.abort(by: "ada", reason: "the safe is jammed"))
        #expect(try await room.advance() == .closed)
        #expect(await room.hsm.allowed == before.hsm)
        #expect(await room.kms.allowed == before.kms)
        #expect(try room.folder.files().allSatisfy { !$0.hasPrefix("wrapped/") && !$0.hasPrefix("tokens/") })
        guard case .close(let close)? = try await room.record().gates.statement(of: .close)?.subject else {
            Issue.record("no close was signed")
            return
        }
        #expect(close.aborted == Aborted(by: "ada", reason: "the safe is jammed"))
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "an abort in the middle of the HSM's work ends it there, and nobody stays logged in while the close is signed")
    func abortAtTheHSM() async throws {
        let room = try await TestRoom.ready()
        let speakers = room.speakers
        await room.hsm.prepare { hsm in
            hsm.whileTested = { speakers.say(.abort(by: "ada", reason: "the fire alarm")) }
        }
        try await room.advance(to: .close)
        #expect(try await room.record().gates.open?.statement.gate == .close)
        #expect(await room.hsm.allowed["generate"] == 1)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "a ceremony can be aborted while nobody knows whether its import took effect; the line stays without a result")
    func abortWithOpenIntent() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.lost["import"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare { $0.lost["import"] = .request }
        room.speakers.say(.abort(by: "ben", reason: "KMS is gone"))
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed["import"] == 1)
        guard case .close(let close)? = try await room.record().gates.statement(of: .close)?.subject,
            let line = close.unsettled?.seq
        else {
            Issue.record("the close does not say what is not known")
            return
        }
        #expect(close.unsettled?.kind == .importIntended)
        #expect(try await room.record().transcript.lines[line - 1].event.kind == .importIntended)
        try await room.expectBothSay("VERIFIED")
        let said = try await room.shellVerdict()
        #expect(said.contains("\nIt was ended early, as the host wrote, by ben: KMS is gone\n"), "\(said)")
        #expect(said.contains("\nWhether line \(line), import-intended, took effect is not known.\n"), "\(said)")
    }

    @Test("a file that was laid there after the close was signed is named; without it, it is closed")
    func changedAfterClose() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .close)
        for name in ["ben", "carol", "wendy"] { try await room.sign(.close, as: name) }
        let scissors = Scissors(after: "before journal closed")
        await #expect(throws: CutOff.self) { try await Engine(opening: room.ports.checked(by: scissors)).run() }
        try room.folder.write([1], to: "exhibits/more.txt")
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what == "The folder changed after the close was signed: exhibits/more.txt was added")
        try room.folder.remove("exhibits/more.txt")
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("of two manifests the first file that differs is named, and how")
    func manifests() {
        let (one, two) = (String(repeating: "1", count: 64), String(repeating: "2", count: 64))
        let signed = Array(["a", "b", "c"].map { "\(one)  \($0)\n" }.joined().utf8)
        func difference(_ files: (String, String)...) -> String? {
            Manifest.firstDifference(
                of: Array(files.map { "\($0.1)  \($0.0)\n" }.joined().utf8), from: signed)
        }
        #expect(difference(("a", one), ("b", one), ("c", one)) == nil)
        #expect(difference(("a", one), ("b", two), ("c", two)) == "b has the SHA-256 \(two), signed was \(one)")
        #expect(difference(("a", one), ("c", two)) == "b is missing")
        #expect(difference(("a", one), ("b", one), ("b.txt", one), ("c", two)) == "b.txt was added")
    }
}

extension TestRoom {
    fileprivate func notes() async throws -> [Note] {
        try await record().transcript.lines.compactMap { line in
            if case .note(let note) = line.event { note } else { nil }
        }
    }
}
