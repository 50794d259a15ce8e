/// One line of text as it is typed: backspace, Ctrl-U for all of it, Ctrl-W for the last word.
package struct LineEditor: Sendable {
    /// What a byte did.
    package enum Step: Hashable, Sendable {
        case added(String)
        /// The text was changed other than by adding to it.
        case changed
        case nothing
        /// It does not fit any more.
        case refused
        case entered
        /// A control byte that is no editing.
        case control(UInt8)
    }

    package private(set) var text = ""
    private let limit: Int
    private var partial: [UInt8] = []
    private var escape = EscapeSequence()

    /// - Parameter limit: The most bytes of UTF-8 that the text may have.
    package init(limit: Int) { self.limit = limit }

    package mutating func take(_ byte: UInt8) -> Step {
        if escape.swallows(byte) { return .nothing }
        guard byte < 0x80 else { return takePart(byte) }
        partial = []
        switch byte {
        case 0x0A, 0x0D: return .entered
        case 0x08, 0x7F: return edit { $0.removeLast() }
        case 0x15: return edit { $0 = "" }
        case 0x17:
            return edit { text in
                while text.last == " " { text.removeLast() }
                while let last = text.last, last != " " { text.removeLast() }
            }
        case 0..<0x20: return .control(byte)
        default: return add(String(UnicodeScalar(byte)))
        }
    }

    /// A byte of a character beyond ASCII; it counts when the character is whole.
    private mutating func takePart(_ byte: UInt8) -> Step {
        if byte & 0xC0 == 0xC0 { partial = [] }
        partial.append(byte)
        guard let character = String(validating: partial, as: UTF8.self) else {
            if partial.count >= 4 { partial = [] }
            return .nothing
        }
        partial = []
        return add(character)
    }

    private mutating func add(_ character: String) -> Step {
        guard ShownText.offence(in: character) == nil else { return .refused }
        guard text.utf8.count + character.utf8.count <= limit else { return .refused }
        text += character
        return .added(character)
    }

    private mutating func edit(_ change: (inout String) -> Void) -> Step {
        guard !text.isEmpty else { return .nothing }
        change(&text)
        return .changed
    }
}
