import Ceremony
import Evidence
import Glibc
import Room

/// Has a person type the words that the other host shows, while this one shows none of its own: whoever types them has
/// compared them.
struct HandoverDialogue {
    /// How many mistakes are forgiven: a typing error is likelier than another folder.
    private static let tries = 3

    let handover: Handover
    let words: HeadWords
    let desk: Desk
    let keys: Desk.KeyHandler

    /// - Returns: Whether they are the same.
    /// - Throws: `RoomEnd` when the terminal or the program comes to its end; whatever `keys` throws.
    func confirm() async throws -> Bool {
        var mistakes = 0
        var first = 0
        while first < words.words.count {
            let count = min(HeadWords.perLine, words.words.count - first)
            let view = View(body: question(first, count))
            let typed = try await desk.line("words \(first + 1) to \(first + count): ", keys: keys, view: { view })
            guard let fault = words.fault(in: typed, from: first, count: count) else {
                first += count
                continue
            }
            mistakes += 1
            guard mistakes < Self.tries else { return false }
            desk.stage.notice("\(fault) Read them out again.")
        }
        return true
    }

    private func question(_ first: Int, _ count: Int) -> [Paragraph] {
        [
            Paragraph("Hand-over \(handover.number) from \(handover.from)", style: .strong), .blank,
            Paragraph(
                """
                \(handover.from) shows 16 words for the last line of the transcript that it handed over. Have them read out \
                from its screen, or from paper, and type them: this host compares them with the folder that was carried here. Words \
                that came on the medium with it prove nothing.
                """), .blank,
            Paragraph(handover.ceremony, lead: "  ceremony  "),
            Paragraph("\(handover.at)", lead: "  signed    "),
            Paragraph("\(SystemClock().now()), this host's clock: compare both with a watch", lead: "  now       "),
            Paragraph("\(handover.seq) lines, \(Counted.text(handover.files.count, "file"))", lead: "  carries   "),
            .blank,
            Paragraph("Now words \(first + 1) to \(first + count) of \(words.words.count)."),
        ]
    }
}

/// How a run without people at its screen has the words compared.
enum HandoverWords {
    /// - Parameter given: The words on the command line; nil to ask for them at the terminal.
    /// - Throws: `CeremonyError` for words that are not those of the folder, or without a terminal.
    static func confirm(_ words: [String], of handover: Handover, given: String?) async throws -> Bool {
        let words = HeadWords(words)
        if let given {
            guard let fault = words.fault(in: given) else { return true }
            throw CeremonyError(
                .state,
                "--words: \(fault) They are to be those that \(handover.from) showed with hand-over \(handover.number)",
                remedy: "Read them again there. If they are right, this is not the folder that was handed over")
        }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CeremonyError(
                .invalidInput, "There is no terminal to ask for the 16 words at that \(handover.from) showed",
                remedy: "Give them with --words \"WORD WORD ...\", as people read them there, or run at a terminal")
        }
        return try await TerminalSession.hold { terminal in
            let dialogue = HandoverDialogue(
                handover: handover, words: words, desk: Desk(Stage(terminal, hasKeys: false)),
                keys: { key in if key == .pause { throw RoomEnd.left } })
            return try await dialogue.confirm()
        }
    }

    /// What is said of an aborted ceremony whose sealed blobs can still be opened: copies may lie on media.
    static func leftSealed(in folder: DiskFolder) throws -> String? {
        var record = try FrozenCeremony(reading: folder).emptyRecord
        try record.replay(try Transcript(parsing: try folder.read(Transcript.path)), folder: folder)
        guard let gap = record.plan.gap, record.aborted != nil, !record.turns.isSealingDestroyed else { return nil }
        return "What was sealed can still be opened at \(gap.connected.host). There: keyrite host destroy-sealing-key"
    }

    /// What is said when a turn ends.
    ///
    /// - Parameter folder: The ceremony folder's path.
    static func text(number: Int, to host: String, words: [String], folder: String) -> String {
        let lines = HeadWords(words).lines(columns: OutputWidth.columnsForPeople - 2).map { "  " + $0 }
            .joined(separator: "\n")
        return """
            Hand-over \(number): this host's turn is over. Carry the folder, whole, to \(host):
              \(ShellWord.quoted(folder))
            If \(host) has received hand-over \(number) already, its folder is further on: copy this one
            nowhere over it, and go on there.
            There keyrite run asks for these 16 words. Read them out from here, or write
            them down on paper, never on the medium:
            \(lines)
            """
    }
}
