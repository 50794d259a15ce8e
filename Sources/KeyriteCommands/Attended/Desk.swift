import Ceremony
import CryptoPrimitives
import Room

/// Asks questions at a terminal. Every answer is younger than its question: what was typed ahead is thrown away.
package struct Desk: Sendable {
    /// What happens when somebody uses a command key in place of an answer. It may throw to end the question.
    package typealias KeyHandler = @Sendable (CommandKey) async throws -> Void

    package let stage: Stage
    private var terminal: any TerminalPort { stage.terminal }

    package init(_ stage: Stage) { self.stage = stage }

    /// Asks for a line of text.
    ///
    /// - Parameters:
    ///   - view: Made anew each time it is shown.
    ///   - limit: The most bytes of the answer.
    /// - Throws: `RoomEnd` when the terminal or the program comes to its end.
    func line(
        _ prompt: String, limit: Int = 500, keys: KeyHandler, view: @Sendable () async -> View
    ) async throws -> String {
        while true {
            stage.show(await view())
            terminal.discardTyped()
            let answer = await waiting {
                await LineReader(terminal, prompt: prompt).read(limit: limit, repaint: stage.repaint)
            }
            switch answer {
            case .line(let text):
                stage.answered()
                return text
            case .ended(let signal): throw RoomEnd.signal(signal)
            case .interrupted: try await keys(.pause)
            case .control(let byte): try await use(byte, keys)
            }
        }
    }

    /// Asks for a secret; nil for Enter alone.
    func secret(
        _ prompt: String, limit: Int = 256, keys: KeyHandler, view: @Sendable () async -> View
    ) async throws -> SecretBytes? {
        while true {
            stage.show(await view())
            terminal.discardTyped()
            terminal.write(prompt)
            let entry = try await waiting { try await terminal.readSecret(limit: limit) }
            terminal.write("\n")
            switch entry {
            case .secret(let secret):
                stage.answered()
                return secret
            case .nothing:
                stage.answered()
                return nil
            case .tooLong: stage.notice("That was more than \(limit) bytes. Nothing was done with it.")
            case .event(.ended(let signal)): throw RoomEnd.signal(signal)
            case .event(.interrupted): try await keys(.pause)
            case .event(.byte(let byte)): try await use(byte, keys)
            case .event(.resized): break
            }
        }
    }

    /// Shows a text page by page, until its last page has been seen.
    ///
    /// - Parameters:
    ///   - title: Stands above each page.
    ///   - overview: Where the ceremony stands; it stands above the title, in brief.
    /// - Returns: What was not seen, in words; nil when it was read whole.
    package func read(
        _ text: [Paragraph], title: String, keys: KeyHandler, overview: @Sendable () async -> Overview? = { nil }
    ) async throws -> String? {
        try await leaf(text, title: title, atEnd: ["Enter: go on"], keys: keys, overview: overview) {
            byte, reading, room in
            guard Self.goesOn(byte), reading.isLast else { return nil }
            return .some(reading.leftOut.map { $0 + (room.isEnough ? "" : " This screen is too small for them.") })
        }
    }

    /// Shows a text page by page and asks whether it is right. Nobody can say so who did not have all of it on the screen.
    ///
    /// - Parameters: As of `read`; the question stands in the title.
    package func judge(
        _ text: [Paragraph], title: String, keys: KeyHandler, overview: @Sendable () async -> Overview? = { nil }
    ) async throws -> Judgement {
        try await leaf(
            text, title: title, atEnd: ["y: right", "n: wrong", "q: leave"], keys: keys, overview: overview
        ) { byte, reading, room in
            switch byte {
            case UInt8(ascii: "y"):
                guard let leftOut = reading.leftOut else { return .right }
                stage.notice(
                    leftOut + (room.isEnough ? " Read the others first." : " This screen is too small for them."))
                reading.goToUnseen()
            case UInt8(ascii: "n"): return .wrong
            case UInt8(ascii: "q"): return .left
            default:
                if Self.goesOn(byte), reading.isLast { stage.notice("Enter says nothing. Type y or n.") }
            }
            return nil
        }
    }

    /// What a person says of a text that they were shown.
    package enum Judgement: Sendable {
        case right
        case wrong
        /// Nothing: they went away.
        case left
    }

    /// Enter and space.
    private static func goesOn(_ byte: UInt8) -> Bool { [0x0A, 0x0D, 0x20].contains(byte) }

    /// - Parameter decide: What a key means while the page is on the screen whole; nil to read on.
    private func leaf<R>(
        _ text: [Paragraph], title: String, atEnd: [String], keys: KeyHandler,
        overview: @Sendable () async -> Overview?, decide: (UInt8, inout Reading, PageRoom) -> R?
    ) async throws -> R {
        var reading = Reading(text)
        while true {
            let frame = Self.page(await overview(), title, [])
            let room = room(within: frame)
            reading.fit(columns: room.size.columns, rows: room.rows)
            stage.show(Self.page(frame.overview, title, reading.shown))
            terminal.discardTyped()
            // Between words, as a terminal would not.
            let prompt = Wrap.lines(reading.prompt(atEnd: atEnd), width: room.size.columns)
            terminal.write(prompt.joined(separator: "\n") + " ")
            let event = await waiting { await terminal.next() }
            terminal.write("\n")
            // What was painted for another size may have been cut off since.
            let isWhole = event != .resized && self.room(within: frame) == room
            if isWhole, room.isEnough { reading.saw() }
            switch event {
            case .byte(UInt8(ascii: "b")): reading.goBack()
            case .byte(UInt8(ascii: "e")): reading.goToEnd()
            case .byte(let byte) where CommandKey(rawValue: byte) != nil: try await use(byte, keys)
            case .byte(let byte):
                guard isWhole else { continue }
                if Self.goesOn(byte) { stage.answered() }
                if let decided = decide(byte, &reading, room) {
                    stage.answered()
                    return decided
                }
                if Self.goesOn(byte) { reading.goOn() }
            case .interrupted: try await keys(.pause)
            case .ended(let signal): throw RoomEnd.signal(signal)
            case .resized: break
            }
        }
    }

    private static func page(_ overview: Overview?, _ title: String, _ lines: [ScreenLine]) -> View {
        View(
            overview: overview, isBrief: true,
            body: [Paragraph(title, style: .strong)] + lines.map { Paragraph(verbatim: $0) } + [.blank])
    }

    /// What is left of the screen for the lines of a page.
    ///
    /// - Parameter frame: The page without them.
    private func room(within frame: View) -> PageRoom {
        let size = terminal.size
        // The longest prompt has 60 columns.
        let others = stage.height(of: frame) + 60 / size.columns + 1
        return PageRoom(size: size, rows: size.rows - others)
    }

    /// Waits for people, and keeps the time on the screen going meanwhile.
    private func waiting<R: Sendable>(_ body: () async throws -> R) async rethrows -> R {
        // Cancelled, and waited for, at the end of this.
        async let _: Void = stage.keepTime()
        return try await body()
    }

    private func use(_ byte: UInt8, _ keys: KeyHandler) async throws {
        if let key = CommandKey(rawValue: byte) { try await keys(key) }
    }
}

/// The room for a page.
private struct PageRoom: Equatable {
    let size: TerminalSize
    /// Below 1 when there is none.
    let rows: Int

    /// Whether a page is on the screen whole.
    var isEnough: Bool { rows >= 1 && !size.isTooSmall }
}

/// How an attended session ends before its ceremony does.
enum RoomEnd: SaidToStop {
    /// People left it, to go on another time.
    case left
    /// The program was told to end.
    case signal(Int32)
}
