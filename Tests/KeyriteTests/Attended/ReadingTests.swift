import KeyriteCommands
import Testing

@Suite("What people read before they sign, page by page")
struct ReadingTests {
    /// Every word of it is there once.
    private static let words = (1...960).map { "word-\($0)" }
    private static let text = stride(from: 0, to: 960, by: 8).map {
        Paragraph(words[$0..<($0 + 8)].joined(separator: " "), lead: "  ")
    }

    private static let enter = ScreenTerminal.Act.key(0x0A)
    private static let (back, toEnd) = (ScreenTerminal.Act.key(0x62), ScreenTerminal.Act.key(0x65))
    private static let note = ScreenTerminal.Act.key(CommandKey.note.rawValue)

    /// Reads it all.
    ///
    /// - Returns: What people are told they did not see, and which words were not on the screen when a key was pressed.
    private func read(_ terminal: ScreenTerminal) async throws -> (told: String?, hidden: [String]) {
        let desk = Desk(Stage(terminal))
        let told = try await desk.read(Self.text, title: "ben (custodian): read what you sign.") { _ in
            desk.stage.notice("Taken down: a note by ben. " + String(repeating: "It has a few words. ", count: 8))
        }
        return (told, Self.words.filter { !terminal.wordsSeen.contains($0) })
    }

    static let changes: [(String, [ScreenTerminal.Act])] = [
        ("nothing", []),
        ("higher on a later page", [enter, enter, enter, .resize(80, 36)]),
        ("higher at the last page but one", [enter, enter, enter, enter, enter, .resize(80, 50)]),
        ("lower on a later page", [enter, enter, .resize(80, 14)]),
        ("higher, after going back", [enter, enter, enter, back, .resize(80, 40)]),
        ("narrower", [enter, enter, .resize(50, 24)]),
        ("wider", [enter, enter, .resize(132, 24)]),
        ("narrower and back", [enter, .resize(50, 24), enter, enter, .resize(80, 24)]),
        ("a notice", [enter, enter, note]),
        ("a notice after a notice", [note, enter, note, note, enter, enter, note]),
        ("a size that no signal told of", [enter, .resizeUnheard(80, 14), enter]),
        ("a width that no signal told of", [enter, enter, .resizeUnheard(60, 24), enter]),
    ]

    @Test("what the keys do is broken between words, on a narrow screen", arguments: [40, 42, 50, 60])
    func keys(columns: Int) async throws {
        let terminal = ScreenTerminal([Self.toEnd, .key(0x71)], columns: columns)
        _ = try await Desk(Stage(terminal)).judge(Self.text, title: "Is this so?", keys: { _ in })
        let last: [String] = terminal.pagesSeen.last ?? []
        let words = last.flatMap { $0.split(separator: " ").map(String.init) }
        for word in ["Page", "right,", "wrong,", "leave,", "back"] { #expect(words.contains(word), "\(last)") }
    }

    @Test("whoever leafs to its end has had all of it on the screen, whatever its size did", arguments: changes)
    func leafed(name: String, acts: [ScreenTerminal.Act]) async throws {
        for isPlain in [false, true] {
            let (told, hidden) = try await read(ScreenTerminal(acts, isPlain: isPlain))
            #expect(hidden == [], "\(name)")
            #expect(told == nil, "\(name)")
        }
    }

    @Test(
        "whoever leaves some of it out is told so",
        arguments: [
            [toEnd], [enter, toEnd, .resize(80, 36)], [toEnd, note], [enter, .resize(60, 24), toEnd],
            [enter, enter, toEnd, back],
        ])
    func leftOut(acts: [ScreenTerminal.Act]) async throws {
        let (told, hidden) = try await read(ScreenTerminal(acts))
        #expect(!hidden.isEmpty)
        #expect(told?.hasPrefix("You have seen ") == true)
    }

    @Test("a screen that is too small for a page shows none of it whole", arguments: [(24, 24), (80, 5), (20, 6)])
    func tooSmall(columns: Int, rows: Int) async throws {
        let (told, _) = try await read(ScreenTerminal([], columns: columns, rows: rows))
        #expect(told?.hasPrefix("You have seen 0 of ") == true)
        #expect(told?.hasSuffix("This screen is too small for them.") == true)
    }

    @Test("nobody is told that they read it whole who did not have all of it on the screen", arguments: 1...16)
    func anyOrder(seed: UInt64) async throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let acts = (0..<24).map { _ -> ScreenTerminal.Act in
            switch random(10) {
            case 0: .resize(40 + random(80), 10 + random(40))
            case 1: .resize(80, 10 + random(40))
            case 2: .resizeUnheard(40 + random(80), 10 + random(40))
            case 3: Self.note
            case 4: Self.back
            default: Self.enter
            }
        }
        let (told, hidden) = try await read(ScreenTerminal(acts, isPlain: seed % 4 == 0))
        if told == nil { #expect(hidden == [], "\(acts)") }
    }

    /// Keys as a release shows them, each under its heading.
    private static let keys = (1...40).flatMap { number in
        [Paragraph("Key \(number) of 40", lead: "  ", style: .strong)]
            + (1...5).map {
                Paragraph("value-\(number)-\($0)-" + String(repeating: "0", count: 90), lead: "    SHA-256   ")
            }
    }

    @Test(
        "each value is on one page whole, and so is each key that fits on one",
        arguments: [(80, 24), (80, 20), (100, 30)])
    func whole(columns: Int, rows: Int) async throws {
        let terminal = ScreenTerminal(Array(repeating: Self.enter, count: 60), columns: columns, rows: rows)
        let told = try await Desk(Stage(terminal)).read(Self.keys, title: "ben: Is this so?") { _ in }
        #expect(told == nil)
        for paragraph in Self.keys where paragraph.style == .plain {
            let lines = paragraph.lines(width: columns).map(\.text)
            #expect(lines.count > 1)
            let pages = terminal.pagesSeen.filter { page in lines.allSatisfy { page.contains($0) } }
            #expect(!pages.isEmpty, "\(paragraph.text)")
            let key = paragraph.text.split(separator: "-")[1]
            if rows >= 24 { #expect(pages.contains { $0.contains("  Key \(key) of 40") }, "\(paragraph.text)") }
        }
    }

    private static let (yes, no, leave) = (
        ScreenTerminal.Act.key(0x79), ScreenTerminal.Act.key(0x6E), ScreenTerminal.Act.key(0x71)
    )

    /// What somebody says of the text who presses these keys, and which words they never saw; nil when they never said.
    private func judge(
        _ acts: [ScreenTerminal.Act], columns: Int = 80, rows: Int = 24
    ) async throws -> (said: Desk.Judgement, hidden: [String])? {
        let terminal = ScreenTerminal(acts, columns: columns, rows: rows)
        let desk = Desk(Stage(terminal))
        guard let said = try? await desk.judge(Self.text, title: "ben: Is this so?", keys: { _ in }) else { return nil }
        return (said, Self.words.filter { !terminal.wordsSeen.contains($0) })
    }

    @Test("only who had all of it on the screen can say that it is right")
    func right() async throws {
        let leafed = try #require(await judge(Array(repeating: Self.enter, count: 12) + [Self.yes]))
        #expect(leafed.said == .right)
        #expect(leafed.hidden == [])
        // Said too early, and at the end of what was skipped: the unseen part comes up, and has to be read.
        let early = [Self.yes, Self.toEnd, Self.yes] + Array(repeating: Self.enter, count: 12)
        let read = try #require(await judge(early + [Self.yes]))
        #expect(read.said == .right)
        #expect(read.hidden == [])
        #expect(try await judge([Self.yes, Self.toEnd, Self.yes]) == nil)
    }

    @Test("on a screen that is too small for it nobody finds it right")
    func neverRight() async throws {
        #expect(try await judge(Array(repeating: Self.yes, count: 20), columns: 80, rows: 5) == nil)
    }

    @Test("that it is wrong, or nothing at all, can be said at once; Enter says nothing")
    func wrong() async throws {
        #expect(try await judge([Self.no])?.said == .wrong)
        #expect(try await judge([Self.enter, Self.leave])?.said == .left)
        #expect(try await judge(Array(repeating: Self.enter, count: 40)) == nil)
    }
}
