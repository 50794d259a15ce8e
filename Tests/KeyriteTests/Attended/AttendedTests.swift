import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("A rehearsal at a terminal")
struct AttendedTests {
    @Test("people do everything that people do, and the evidence verifies", .timeLimit(.minutes(60)))
    func wholeCeremony() async throws {
        try await Attendant.rehearse(keys: 2) { people, room in
            let before = people.terminal.settingsBefore
            try await getThingsWrong(people)
            try await putOnRecord(people, room)

            for gate in ["authorize", "release"] {
                let read = try await people.approve(gate, as: "carol")
                #expect(read.contains(Self.exception), "\(gate): \(read)")
                try await people.approve(gate, as: "dan")
            }
            try await people.expect("Who signs activate now")
            try await Self.approveElsewhere("activate", as: "carol", room)
            try await people.answer("Who signs? ", "")
            try await people.expect("Signed elsewhere: carol.")
            try await people.expect("now comes to the screen and types their name: ben, dan.")
            try await people.approve("activate", as: "dan")
            #expect(try await people.approve("close", as: "wendy").contains(Self.exception))
            try await people.approve("close", as: "ben")
            try await people.approve("close", as: "carol")

            let (status, output) = try await people.terminal.end()
            try #require(status == 0, "\(people.terminal.unread)")
            #expect(output == "\(room)/ceremony\n")
            #expect(people.terminal.settings == before)
            #expect(!people.terminal.shown.utf8.contains(0x1B), "TERM=dumb has no escape sequences")
            try await Self.verify(room)
            try checkRecord(room)
            for name in ["ben", "carol", "dan", "wendy"] {
                #expect(!people.terminal.words.contains(try people.pin(of: name)), "a PIN was shown")
            }
        }
    }

    private static func approveElsewhere(_ gate: String, as name: String, _ room: String) async throws {
        let signed = try await runProcess(
            CeremonyRoom.program(),
            ["approve", room + "/ceremony", "--gate", gate, "--as", name, "--auto", "--site", room + "/site.yaml"])
        try #require(signed.status == 0, "\(signed.stderrText)")
    }

    /// At the first attempt: Enter, other words, typing ahead, a wrong PIN, stepping back, and a refusal.
    private func getThingsWrong(_ people: Attendant) async throws {
        try await people.answer("Who signs? ", "")
        try await people.expect("Enter signs nothing")
        try await people.answer("Who signs? ", "mallory")
        try await people.expect("mallory cannot sign here now")
        try await people.read(as: "ben")
        let question = "authorize, no, read or back: "
        for typed in ["", "yes", "y", "release", "Authorize", "authorize "] {
            try await people.answer(question, typed)
            try await people.expect("approves nothing")
        }
        try await people.answer(question, "authorize")
        try await people.answer("PIN: ", "not-the-pin")
        try await people.expect("The PIN is wrong")
        try await people.expect("since its last login")
        // The PIN is asked for once more, and nothing else.
        try await people.answer("PIN: ", "")
        try await people.expect("ben stepped back. Nothing was signed.")

        // Enter says nothing of any thing; nor does who has not seen it whole say that it is right.
        try await people.answer("Who signs? ", "ben")
        try await people.expect("y: right, n: wrong, q: leave ")
        people.terminal.type("\n")
        try await people.expect("Enter says nothing. Type y or n.")
        try await people.expect("y: right, n: wrong, q: leave ")
        people.terminal.type("q")
        try await people.expect("ben stepped back. Nothing was signed.")

        // Typed together with the key that finds the last thing right: thrown away, not taken for an answer.
        try await people.answer("Who signs? ", "ben")
        try await people.leaf(saysSo: false)
        people.terminal.type("yauthorize\n")
        try await people.answer(question, "back")
        try await people.expect("ben stepped back. Nothing was signed.")

        try await people.approve("authorize", as: "ben")
        try await people.answer("Who signs? ", "carol")
        for reason in ["", "wrong day, falscher Tag: Mo\u{308}ntag"] {
            try await people.expect("1 of 8 at authorize: ")
            try await people.expect("q: leave ")
            people.terminal.type("n")
            try await people.answer("Reason: What this is: ", reason)
        }
        try await people.answer("PIN: ", try people.pin(of: "carol"))
        try await people.expect("carol signed: refuse at authorize.")
        try await people.expect("attempt 2")
    }

    private func putOnRecord(_ people: Attendant, _ room: String) async throws {
        try await people.press("N", at: "Who signs? ")
        try await people.answer("Name: ", "nobody")
        try await people.expect("The roster has no nobody")
        try await people.answer("Name: ", "wendy")
        try await people.answer("Note: ", "the door was locked at 14:02")
        try await people.expect("Taken down: a note by wendy.")

        // An exception voids the attempt at which ben has approved.
        try await people.approve("authorize", as: "ben")
        try await people.press("X", at: "Who signs? ")
        try await people.answer("Name: ", "dan")
        try await people.answer("What: ", "the camera was off for 3 min")
        try await people.answer("Why: ", "its battery was empty")
        try await people.answer("Remedy: ", "a second camera runs now")
        try await people.expect("attempt 3")

        let photograph = room + "/seal.txt"
        try Data("seal 0042 was whole\n".utf8).write(to: URL(filePath: photograph))
        try await people.press("E", at: "Who signs? ")
        try await people.answer("Name: ", "ada")
        try await people.answer("Path: ", "/nowhere/at/all")
        try await people.expect("is no file")
        try await people.answer("Path: ", photograph)
        try await people.answer("What: ", "the seal of the HSM's bag")
        try await people.expect("attempt 4")

        try await people.press("C", at: "Who signs? ")
        try await people.expect("Paused since ")
        try await people.answer("resume, abort or leave: ", "")
        try await people.expect("It is still paused.")
        try await people.answer("resume, abort or leave: ", "resume")
        try await people.expect("Taken down: paused ")

        try await people.press("G", at: "Who signs? ")
        try await people.answer("Enter: go on ", "")
    }

    /// The exception, as everybody reads it who signs after it.
    private static let exception =
        "By dan What the camera was off for 3 min Why its battery was empty Remedy a second camera runs now"

    @Test("a first import, on a screen that is painted, takes effect with its release", .timeLimit(.minutes(60)))
    func firstImport() async throws {
        try await Attendant.rehearse(.import, kind: "xterm-256color") { people, room in
            // A note in the middle of reading: the page makes room for the notice, and nothing is lost of it.
            try await people.answer("Who signs? ", "ben")
            try await people.expect("Page 1 of ")
            try await people.press("N", at: "q: leave ")
            try await people.answer("Name: ", "wendy")
            try await people.answer("Note: ", "the seal was whole")
            try await people.expect("Taken down: a note by wendy.")
            try await waitUntil { people.screen.last?.hasPrefix("Page 1 of ") == true }
            let screen = people.screen
            #expect(screen.count <= 24, "\(screen)")
            #expect(screen[0].contains(". Step 1 of 11, authorize: 2 custodians of ben, carol, dan"))
            #expect(screen[1] == "Taken down: a note by wendy.")
            let authorized = try await people.leaf()
            #expect(
                authorized.contains("Key usage ENCRYPT_DECRYPT Alias alias/payments-production Makes the alias yes"))
            try await people.sign("authorize", as: "ben")
            try await people.approve("authorize", as: "carol")
            let released = try await people.approve("release", as: "ben")
            #expect(released.contains("Takes effect at import"))
            try await people.approve("release", as: "carol")
            let activated = try await people.approve("activate", as: "ben")
            #expect(activated.contains("Alias now none Alias then arn:aws:kms:"))
            try await people.approve("activate", as: "carol")
            try await close(people, room)
            let slot = try #require(try Self.record(of: room).slots.values.first)
            #expect(slot.aliasSet != nil)
        }
    }

    /// What comes of a folder that was moved away in the middle.
    enum Moved: CaseIterable {
        /// Nothing: people leave.
        case left
        /// It comes back with what no evidence is, which is found out before anything is written.
        case spoilt
        /// It comes back as it was.
        case back
    }

    @Test(
        "a folder that was moved away is waited for; who must leave reads what they said and is not on record",
        arguments: Moved.allCases)
    func notOnRecord(then: Moved) async throws {
        try await Attendant.rehearse { people, room in
            let (folder, elsewhere) = (room + "/ceremony", room + "/moved")
            try await people.expect("Who signs? ")
            try FileManager.default.moveItem(atPath: folder, toPath: elsewhere)
            people.terminal.type(Attendant.key("N"))
            try await people.answer("Name: ", "wendy")
            try await people.answer("Note: ", "the door was open")
            try await people.expect("Taken down: a note by wendy.")
            try await people.press("Q", at: "Who signs? ")
            try await people.answer("Name: ", "ada")
            try await people.answer("Reason: ", "it smells of smoke")
            try await people.answer("Type abort: ", "abort")
            try await people.expect("It stopped: ")
            try await people.expect("it was moved or replaced")
            try await people.expect("again, abort or leave: ")
            if then != .left { try FileManager.default.moveItem(atPath: elsewhere, toPath: folder) }
            if then == .spoilt {
                try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "/nowhere")
            }
            people.terminal.type(then == .left ? "leave\n" : "again\n")
            if then == .back {
                try await people.expect("Who signs close now")
                let record = try Self.record(of: room)
                #expect(record.aborted?.reason == "it smells of smoke")
                #expect(record.transcript.lines.contains { $0.event.kind == .note })
                return
            }
            try await people.expect(
                "NOT on record: a note by wendy, \"the door was open\"; the end of the ceremony by ada, \"it smells of smoke\""
            )
            try await people.expect("Say it again there, before anything else")
            try await people.expect("as if nobody had ended the ceremony")
            #expect(try await people.terminal.end().status != 0)
        }
    }

    @Test("a replacement tells how the new key differs, and moves the alias to it", .timeLimit(.minutes(60)))
    func replacement() async throws {
        try await Attendant.rehearse(.replace) { people, room in
            let authorized = try await people.approve("authorize", as: "ben")
            #expect(authorized.contains("What tag keyrite, added"))
            #expect(authorized.contains("The old key, which is kept"))
            try await people.approve("authorize", as: "carol")
            for name in ["ben", "carol"] { try await people.approve("release", as: name) }
            let activated = try await people.approve("activate", as: "ben")
            try await people.approve("activate", as: "carol")
            try await close(people, room)
            let record = try Self.record(of: room)
            let planned = record.plan.slots[0]
            let made = try #require(record.key(of: planned))
            #expect(activated.contains("Alias now \(planned.key) Alias then \(made)"), "\(activated)")
            #expect(record.slots[planned.slot]?.aliasSet?.target == made)
        }
    }

    /// The close is signed, the program ends well, and what it leaves verifies.
    private func close(_ people: Attendant, _ room: String) async throws {
        for name in ["wendy", "ben", "carol"] { try await people.approve("close", as: name) }
        let (status, output) = try await people.terminal.end()
        try #require(status == 0, "\(people.terminal.unread)")
        #expect(output == "\(room)/ceremony\n")
        try await Self.verify(room)
    }

    /// Both verifiers accept the ceremony in a folder.
    static func verify(_ room: String) async throws {
        let digest = SHA256Digest(of: try DiskFolder(at: room).read("ceremony/roster.json")).hex
        let verified = try await CeremonyRoom.keyrite([
            "verify", room + "/ceremony", "--roster", digest, "--expect", "rehearsal",
        ])
        #expect(verified.status == 0, "\(verified.stdoutText)")
        #expect(verified.stdoutText.contains("VERIFIED"))
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../scripts/verify.sh")
        let checked = try await runProcess([
            "dash", script.standardizedFileURL.path, room + "/ceremony", "--roster", digest, "--expect", "rehearsal",
        ])
        #expect(checked.status == 0, "\(checked.stdoutText)")
        #expect(checked.stdoutText == verified.stdoutText)
    }

    private func checkRecord(_ room: String) throws {
        let record = try Self.record(of: room)
        let notes = record.transcript.lines.compactMap { line -> Note? in
            if case .note(let note) = line.event { note } else { nil }
        }
        #expect(notes.first == Note(by: "wendy", text: "the door was locked at 14:02"))
        #expect(notes.last?.by == "ada")
        #expect(notes.last?.text.hasPrefix("paused ") == true)
        #expect(notes.count == 2)
        #expect(
            record.exceptions.map(\.stated.exception) == [
                Deviation(
                    by: "dan", what: "the camera was off for 3 min", why: "its battery was empty",
                    remedy: "a second camera runs now")
            ])
        #expect(record.exhibits.map(\.name) == ["seal.txt"])
        #expect(record.exhibits.map(\.file) == [SHA256Digest(of: Array("seal 0042 was whole\n".utf8))])
        let refusals = record.gates.decisions.filter { $0.decision == .refuse }
        #expect(refusals.map(\.name) == ["carol"])
        let refusal = try CanonicalJSON.decode(
            Approval.self, from: try DiskFolder(at: room).read("ceremony/" + Approval.path(.authorize, 1, "carol")))
        #expect(refusal.reason == "What this is: wrong day, falscher Tag: Mo%CC%88ntag")
        #expect(record.gates.statement(of: .authorize)?.attempt == 4)
        #expect(record.gates.statement(of: .authorize)?.exceptions.count == 1)
        #expect(record.closed)
    }

    static func record(of room: String) throws -> Record {
        let folder = try DiskFolder(at: room + "/ceremony")
        var record = try FrozenCeremony(reading: folder).emptyRecord
        try record.replay(try Transcript(parsing: try folder.read(Transcript.path)), folder: folder)
        return record
    }

    @Test("a ceremony that people end early goes straight to its close, which says who ended it and why")
    func abort() async throws {
        try await Attendant.rehearse { people, room in
            try await people.approve("authorize", as: "ben")
            try await people.press("Q", at: "Who signs? ")
            try await people.answer("Name: ", "dan")
            try await people.answer("Reason: ", "the room is on fire")
            try await people.answer("Type abort: ", "yes")
            try await people.expect("Nothing was taken down.")
            try await people.press("Q", at: "Who signs? ")
            try await people.answer("Name: ", "dan")
            try await people.answer("Reason: ", "the room is on fire")
            try await people.answer("Type abort: ", "abort")
            for name in ["ben", "carol", "wendy"] { try await people.approve("close", as: name) }
            let (status, output) = try await people.terminal.end()
            #expect(status == 0, "\(people.terminal.unread)")
            #expect(output == "\(room)/ceremony\n")
            #expect(people.terminal.words.contains("the room is on fire"))
            try await Self.verify(room)
            let record = try Self.record(of: room)
            #expect(record.aborted == Aborted(by: "dan", reason: "the room is on fire"))
            #expect(record.slots.values.allSatisfy { $0.generated == nil })
        }
    }

    @Test("Ctrl-C while the program works pauses it between two effects, and leaving ends it there")
    func pauseAndLeave() async throws {
        try await Attendant.rehearse(keys: 3) { people, room in
            let before = people.terminal.settingsBefore
            try await people.approve("authorize", as: "ben")
            try await people.approve("authorize", as: "carol")
            try await people.expect("generate: ")
            people.terminal.type(Attendant.key("C"))
            try await people.answer("resume, abort or leave: ", "resume")
            try await people.expect("Taken down: paused")
            people.terminal.type(Attendant.key("C"))
            try await people.answer("resume, abort or leave: ", "leave")
            #expect(try await people.terminal.end().status == 3)
            #expect(people.terminal.settings == before)
            let record = try Self.record(of: room)
            #expect(record.openIntent == nil, "no effect was cut off")
            #expect(record.transcript.lines.contains { $0.event.kind == .note })
        }
    }
}
