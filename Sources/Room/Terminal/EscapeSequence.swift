/// Keeps the bytes of cursor and function keys out of what is typed (ECMA-48: ESC, then CSI or SS3, then a final byte).
struct EscapeSequence {
    private enum State {
        case none
        case escape
        case sequence
    }

    private var state = State.none
    /// Whether the byte taken in last belongs to a sequence.
    private(set) var swallowed = false

    /// Whether this byte belongs to an escape sequence.
    mutating func swallows(_ byte: UInt8) -> Bool {
        switch (state, byte) {
        case (_, 0x1B): state = .escape
        case (.escape, UInt8(ascii: "[")), (.escape, UInt8(ascii: "O")): state = .sequence
        case (.sequence, 0x20..<0x40): break
        case (.sequence, 0x40..<0x7F): state = .none
        default:
            state = .none
            swallowed = false
            return false
        }
        swallowed = true
        return true
    }
}
