/// Edits a secret in the buffer that it is typed into, and leaves nothing in it that was taken back.
struct SecretTyping {
    enum Step: Equatable {
        case more
        case done
        /// A control byte that is no editing.
        case control(UInt8)
    }

    /// The bytes that count so far.
    private(set) var count = 0
    /// More was typed than may be: what there is would be another secret.
    private(set) var isTooLong = false
    private let limit: Int
    private var escape = EscapeSequence()

    init(limit: Int) { self.limit = limit }

    /// Takes in the byte that was just put at offset `count`.
    mutating func took(in buffer: UnsafeMutableRawBufferPointer) -> Step {
        let byte = buffer[count]
        if escape.swallows(byte) || !Self.counts(byte) || count == limit { buffer[count] = 0 }
        if escape.swallowed { return .more }
        switch byte {
        case 0x0A, 0x0D: return .done
        case 0x08, 0x7F: removeLast(in: buffer)
        case 0x15:
            for offset in 0..<count { buffer[offset] = 0 }
            count = 0
        case 0..<0x20: return .control(byte)
        default:
            if count == limit { isTooLong = true } else { count += 1 }
        }
        return .more
    }

    private static func counts(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F }

    /// The last character whole: UTF-8's continuation bytes belong to the byte before them.
    private mutating func removeLast(in buffer: UnsafeMutableRawBufferPointer) {
        while count > 0 {
            count -= 1
            let byte = buffer[count]
            buffer[count] = 0
            if byte & 0xC0 != 0x80 { return }
        }
    }
}
