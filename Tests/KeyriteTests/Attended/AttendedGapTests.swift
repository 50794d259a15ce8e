import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("A rehearsal at a terminal, across an air gap")
struct AttendedGapTests {
    @Test(
        "people sign on each host and type the words that the other showed; wrong words and Ctrl-C end nothing",
        .timeLimit(.minutes(60)))
    func wholeCeremony() async throws {
        try await Attendant.rehearse(columns: 60, with: ["--gap"]) { people, room in
            for name in ["ben", "carol"] { try await people.approve("authorize", as: name) }
            try await getThingsWrong(people)
            for number in 2...5 {
                if number == 3 || number == 5 {
                    let gate = number == 3 ? "release" : "activate"
                    for name in ["carol", "dan"] { try await people.approve(gate, as: name) }
                }
                try await type(try await handOver(people, number), people)
            }
            for name in ["wendy", "ben", "carol"] { try await people.approve("close", as: name) }
            let (status, output) = try await people.terminal.end()
            try #require(status == 0, "\(people.terminal.unread)")
            #expect(output == "\(room)/vault/ceremony\n")
            try await AttendedTests.verify(room + "/vault")
            let lines = people.terminal.shown.split(separator: "\r\n")
            #expect(lines.allSatisfy { !$0.contains(#/\b15 [a-z]+ +16 /#) || $0.utf8.count <= 60 })
        }
    }

    /// At the first hand-over: Enter, a command key, words of another folder, and a pause.
    private func getThingsWrong(_ people: Attendant) async throws {
        let words = try await words(people, 1)
        people.terminal.type("\n")
        try await people.expect("Enter carries nothing.")
        try await people.press("N", at: "carried or leave: ")
        try await people.expect("While the folder is carried nothing can be put on record.")
        try await people.press("C", at: "carried or leave: ")
        try await people.expect("Nothing happens until you type one of the two words.")
        try await people.answer("carried or leave: ", "carried")
        for _ in 1...3 { try await people.answer("words 1 to 4: ", words.suffix(4).joined(separator: " ")) }
        try await people.expect("vault did not take the folder over")
        let again = try await handOver(people, 1)
        #expect(again == words)
        try await people.press("C", at: "words 1 to 4: ")
        try await people.answer("resume or leave: ", "")
        try await people.expect("It is still paused.")
        try await people.answer("resume or leave: ", "resume")
        try await type(again, people)
    }

    /// Somebody writes the words down, and says that the folder is carried.
    private func handOver(_ people: Attendant, _ number: Int) async throws -> [String] {
        let words = try await words(people, number)
        people.terminal.type("carried\n")
        return words
    }

    /// What the page shows where a turn ends.
    private func words(_ people: Attendant, _ number: Int) async throws -> [String] {
        try await people.expect(
            "Hand-over \(number): the turn of \(number.isMultiple(of: 2) ? "vault" : "office") is over")
        try await people.expect("never on the medium.")
        let shown = try await people.terminal.expect("Type carried")
        let words = shown.matches(of: #/\b([0-9]{1,2}) ([A-Za-z]+)/#).map { String($0.2) }
        try #require(words.count == 16, "\(shown)")
        try await people.expect("carried or leave: ")
        return words
    }

    /// Somebody types them at the other host.
    private func type(_ words: [String], _ people: Attendant) async throws {
        for first in stride(from: 0, to: 16, by: 4) {
            try await people.answer(
                "words \(first + 1) to \(first + 4): ", words[first..<first + 4].joined(separator: " "))
        }
    }

    @Test("a reimport that is ended early is closed where it was, and people read what the HSM's host still has to do")
    func aborted() async throws {
        try await Attendant.rehearse(.reimport, with: ["--gap"]) { people, room in
            for name in ["ben", "carol"] { try await people.approve("authorize", as: name) }
            for number in 1...2 { try await type(try await handOver(people, number), people) }
            try await people.press("Q", at: "Who signs? ")
            try await people.answer("Name: ", "ada")
            try await people.answer("Reason: ", "enough for today")
            try await people.answer("Type abort: ", "abort")
            try await people.expect("may have the usage")
            for name in ["wendy", "ben", "carol"] { try await people.approve("close", as: name) }
            let (status, output) = try await people.terminal.end()
            try #require(status == 0, "\(people.terminal.unread)")
            #expect(output == "\(room)/office/ceremony\n")
            try await AttendedTests.verify(room + "/office")
        }
    }

    @Test(
        "who leaves while the folder is carried, or at the words, ends it, and is told so before",
        arguments: [false, true])
    func left(atWords: Bool) async throws {
        try await Attendant.rehearse(with: ["--gap"]) { people, _ in
            for name in ["ben", "carol"] { try await people.approve("authorize", as: name) }
            if atWords {
                try await people.answer("carried or leave: ", "carried")
                try await people.press("C", at: "words 1 to 4: ")
                try await people.expect("for good: its HSM and KMS end with the program.")
                try await people.answer("resume or leave: ", "leave")
            } else {
                try await people.expect("for good: its HSM and KMS end with the program.")
                try await people.answer("carried or leave: ", "leave")
            }
            let (status, _) = try await people.terminal.end()
            #expect(status == 3)
            #expect(people.terminal.words.contains("Left by the people in the room."))
        }
    }
}
