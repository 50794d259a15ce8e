import Evidence
import Room

/// The end of a host's turn, in a rehearsal of both hosts at one screen: people write the words down before the folder is
/// carried, since the other host shows none.
struct HandoverPage {
    let number: Int
    /// Whose turn is over.
    let from: String
    let to: String
    let words: HeadWords
    let desk: Desk
    /// What it means to leave before the end, in a sentence.
    let leaving: String

    /// Until somebody says that it is carried.
    ///
    /// - Throws: `RoomEnd` when people leave, or the program is told to end.
    func show() async throws {
        while true {
            let said = try await desk.line("carried or leave: ", limit: 32, keys: keys) { [page] in page() }
            switch said {
            case "carried": return
            case "leave": throw RoomEnd.left
            case "": desk.stage.notice("Enter carries nothing. Type carried once the words are written down.")
            default: desk.stage.notice("Type carried, or leave.")
            }
        }
    }

    private var keys: Desk.KeyHandler {
        { [desk, to] key in
            desk.stage.notice(
                key == .pause
                    ? "Nothing happens until you type one of the two words."
                    : "While the folder is carried nothing can be put on record. Do so once \(to) has received it.")
        }
    }

    @Sendable private func page() -> View {
        let lead = "  "
        let columns = desk.stage.terminal.size.columns - lead.utf8.count
        return View(
            body: [
                Paragraph("Hand-over \(number): the turn of \(from) is over", style: .strong),
                Paragraph(
                    """
                    The folder is carried to \(to) now, here by a copy. \(to) asks for these 16 words, and shows none. Write \
                    them down on paper, never on the medium.
                    """), .blank,
            ] + words.lines(columns: columns).map { Paragraph($0, lead: lead) } + [
                .blank,
                Paragraph(
                    "Type carried once they are written down: the next screen is that of \(to); \(leaving)"),
            ], hasKeys: false)
    }
}
