import Evidence
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
    ///   - program: Another program than the build's.
    ///   - kind: `TERM`.
    ///   - room: The folder of the rehearsal's room.
    init(
        program: String? = nil, _ arguments: [String], room: String, kind: String = "dumb",
        environment: [String: String] = [:],
        columns: UInt16 = 80, rows: UInt16 = 24
    ) throws {
        terminal = try Pseudoterminal(
            [try program ?? CeremonyRoom.program()] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "TERM": kind].merging(environment) { $1 }, columns: columns,
            rows: rows)
        self.room = room
    }

    /// Starts an attended rehearsal in a folder, lends it, and ends it whatever happens.
    static func rehearse<R>(
        _ strategy: Strategy = .rotate, keys: Int = 1, kind: String = "dumb", environment: [String: String] = [:],
        columns: UInt16 = 80, with more: [String] = [],
        _ body: (Attendant, _ room: String) async throws -> R
    ) async throws -> R {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let room = base.path + "/room"
                let attendant = try Attendant(
                    [
                        "rehearse", "--strategy", strategy.rawValue, "--keys", "\(keys)", "--wrapping-key-spec",
                        "RSA_2048", "--out", room,
                    ] + more, room: room, kind: kind, environment: environment, columns: columns)
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
    ///
    /// - Returns: What was shown meanwhile, each run of spaces and line ends as one space.
    @discardableResult
    func read(as name: String) async throws -> String {
        try await answer("Who signs? ", name)
        return try await leaf()
    }

    /// Leafs through a statement, thing by thing and page by page, and finds all of it right.
    ///
    /// - Parameter saysSo: Whether the last thing is said to be right, too; it is on the screen else.
    /// - Returns: As `read`.
    @discardableResult
    func leaf(saysSo: Bool = true) async throws -> String {
        var all = ""
        while true {
            let (number, count, shown) = try await leafThing()
            all += shown + " "
            if number < count || saysSo { terminal.type("y") }
            if number == count { return all }
        }
    }

    /// Leafs through a text about which nothing is asked, to its end.
    func leafText() async throws -> String {
        let shown = try await leafPages()
        terminal.type("\n")
        return shown
    }

    /// Leafs through one thing of a statement, to its last page.
    private func leafThing() async throws -> (number: Int, count: Int, shown: String) {
        let shown = try await leafPages()
        let title = try #require(shown.matches(of: #/ ([0-9]+) of ([0-9]+) at [a-z]+: /#).last)
        let (number, count) = (try #require(Int(title.1)), try #require(Int(title.2)))
        return (number, count, shown.replacing(Self.betweenPages, with: ""))
    }

    private func leafPages() async throws -> String {
        var shown = try await terminal.expect("Page 1 of ")
        var page = 1
        while true {
            let pages = try #require(Int(try await terminal.expect(". ").prefix { $0 != "." }))
            if page == pages { break }
            terminal.type("\n")
            page += 1
            shown += try await terminal.expect("Page \(page) of ")
        }
        return Self.text(shown).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Somebody approves, in person, having read it all.
    ///
    /// - Returns: As `read`.
    @discardableResult
    func approve(_ gate: String, as name: String) async throws -> String {
        let shown = try await read(as: name)
        try await sign(gate, as: name)
        return shown
    }

    /// Somebody who has read it all types the gate's name, and their PIN.
    func sign(_ gate: String, as name: String) async throws {
        try await answer("\(gate), no, read or back: ", gate)
        try await answer("PIN: ", try pin(of: name))
        try await terminal.expect("\(name) signed: approve at \(gate).")
    }

    /// The rows of the last screen that was painted, and what was typed there.
    var screen: [Substring] {
        let painted = terminal.shown.components(separatedBy: "\u{1B}[H\u{1B}[J").last ?? ""
        return Self.text(painted).components(separatedBy: "\r\n").map { $0.split(separator: "\r").last ?? "" }
    }

    /// What stands between the text of one page and that of the next.
    private static var betweenPages: Regex<(Substring, Substring?)> {
        #/(Keys \^P:pause [^.]*?G:help )?Page [0-9]+ of Enter: next.*? at [a-z]+: [^?]*\? /#
    }

    /// Text without its styles, and without the time that goes on in its own row.
    private static func text(_ shown: String) -> String {
        shown.replacing(/\u{1B}7.*?\u{1B}8/, with: "").replacing(/\u{1B}\[[0-9]*m/, with: "")
    }
}
