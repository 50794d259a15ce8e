import Foundation
import Glibc
import TestSupport
import Testing

/// The people of a rehearsal, at its terminal.
struct Attendant: Sendable {
    let terminal: Pseudoterminal
    /// The rehearsal's room, where people's cards lie.
    let room: String

    /// Starts keyrite at a terminal.
    ///
    /// - Parameters:
    ///   - kind: `TERM`.
    ///   - room: The folder of the rehearsal's room.
    init(
        _ arguments: [String], room: String, kind: String = "dumb", environment: [String: String] = [:],
        columns: UInt16 = 80
    ) throws {
        terminal = try Pseudoterminal(
            [try CeremonyRoom.program()] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "TERM": kind].merging(environment) { $1 }, columns: columns)
        self.room = room
    }

    /// Starts an attended rehearsal in a folder, lends it, and ends it whatever happens.
    static func rehearse<R>(
        keys: Int = 1, kind: String = "dumb", environment: [String: String] = [:], columns: UInt16 = 80,
        _ body: (Attendant, _ room: String) async throws -> R
    ) async throws -> R {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let room = base.path + "/room"
                let attendant = try Attendant(
                    ["rehearse", "--keys", "\(keys)", "--wrapping-key-spec", "RSA_2048", "--out", room], room: room,
                    kind: kind, environment: environment, columns: columns)
                defer { attendant.terminal.signal(SIGKILL) }
                return try await body(attendant, room)
            }
        }
    }

    func expect(_ text: String) async throws { try await terminal.expect(text) }

    /// Waits for a question and answers it.
    ///
    /// - Parameter question: The prompt itself: what is typed while a notice above it is painted is thrown away.
    func answer(_ question: String, _ text: String) async throws {
        try await terminal.expect(question)
        terminal.type(text + "\n")
    }

    /// Waits for a question and presses a key of the ceremony there.
    func press(_ control: Character, at question: String) async throws {
        try await terminal.expect(question)
        terminal.type(Self.key(control))
    }

    static func key(_ control: Character) -> String {
        String(UnicodeScalar((control.asciiValue ?? 0) & 0x1F))
    }

    func pin(of name: String) throws -> String {
        let card = try String(contentsOfFile: "\(room)/people/\(name).txt", encoding: .utf8)
        return try #require(card.split(separator: "\n").last?.split(separator: " ").last.map(String.init))
    }

    /// Somebody comes to the screen and leafs through the whole statement.
    func read(as name: String) async throws {
        try await answer("Who signs? ", name)
        try await leaf()
    }

    /// Leafs through a statement, page by page.
    func leaf() async throws {
        var page = 1
        while true {
            try await terminal.expect("Page \(page) of ")
            let pages = try #require(Int(try await terminal.expect(". Enter: ").prefix { $0 != "." }))
            terminal.type("\n")
            if page == pages { return }
            page += 1
        }
    }

    /// Somebody approves, in person.
    func approve(_ gate: String, as name: String) async throws {
        try await read(as: name)
        try await answer("\(gate), no, read or back: ", gate)
        try await answer("PIN: ", try pin(of: name))
        try await terminal.expect("\(name) signed: approve at \(gate).")
    }
}
