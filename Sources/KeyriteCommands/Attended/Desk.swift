import CryptoPrimitives
package import Room

/// Asks questions at a terminal. Every answer is younger than its question: what was typed ahead is thrown away.
struct Desk: Sendable {
    /// What happens when somebody uses a command key in place of an answer. It may throw to end the question.
    typealias KeyHandler = @Sendable (CommandKey) async throws -> Void

    let stage: Stage
    private var terminal: any TerminalPort { stage.terminal }

    init(_ stage: Stage) { self.stage = stage }

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
            switch await LineReader(terminal, prompt: prompt).read(limit: limit, repaint: stage.repaint) {
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
            let entry = try await terminal.readSecret(limit: limit)
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
    /// - Parameter title: Stands above each page.
    /// - Returns: What was not seen, in words; nil when it was read whole.
    func read(_ text: [Paragraph], title: String, keys: KeyHandler) async throws -> String? {
        var page = 0
        var seen: Set<Int> = []
        while true {
            let size = terminal.size
            let pages = Pages(text, size: TerminalSize(columns: size.columns, rows: size.rows - stage.noticeRows))
            page = min(page, pages.count - 1)
            stage.show(pages.view(page, title: title))
            terminal.discardTyped()
            terminal.write(pages.prompt(page))
            let event = await terminal.next()
            terminal.write("\n")
            if event != .resized { seen.insert(page) }
            switch event {
            case .byte(0x0A), .byte(0x0D), .byte(0x20):
                stage.answered()
                page += 1
                guard page == pages.count else { continue }
                return seen.count < pages.count ? "You have seen \(seen.count) of \(pages.count) pages." : nil
            case .byte(UInt8(ascii: "b")): page = max(0, page - 1)
            case .byte(UInt8(ascii: "e")): page = pages.count - 1
            case .byte(let byte): try await use(byte, keys)
            case .interrupted: try await keys(.pause)
            case .ended(let signal): throw RoomEnd.signal(signal)
            case .resized: break
            }
        }
    }

    private func use(_ byte: UInt8, _ keys: KeyHandler) async throws {
        if let key = CommandKey(rawValue: byte) { try await keys(key) }
    }
}

/// A text in pages of one screen each.
package struct Pages: Sendable {
    private let pages: [[ScreenLine]]

    package init(_ text: [Paragraph], size: TerminalSize) {
        let lines = text.flatMap { $0.lines(width: size.columns) }
        // The title, the keys in up to two lines, and the prompt have rows of their own.
        let rows = max(3, size.rows - 6)
        pages = stride(from: 0, to: max(1, lines.count), by: rows).map {
            Array(lines[$0..<min($0 + rows, lines.count)])
        }
    }

    package var count: Int { pages.count }

    /// What stands under a page.
    func prompt(_ page: Int) -> String {
        let isLast = page + 1 == count
        let others = [page > 0 ? "b: back" : nil, isLast ? nil : "e: to the end"].compactMap(\.self)
        return (["Page \(page + 1) of \(count). Enter: \(isLast ? "go on" : "next")"] + others).joined(separator: ", ")
            + " "
    }

    /// - Parameter page: Counted from 0.
    package func view(_ page: Int, title: String) -> View {
        View(
            body: [Paragraph(title, style: .strong)] + pages[page].map { Paragraph(verbatim: $0) } + [.blank])
    }
}

/// How an attended session ends before its ceremony does.
enum RoomEnd: Error {
    /// People left it, to go on another time.
    case left
    /// The program was told to end.
    case signal(Int32)
}
