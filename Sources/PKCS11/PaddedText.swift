/// Text in a PKCS#11 structure: a fixed array, blank-padded, not terminated, which C hands over as a tuple.
enum PaddedText {
    /// The text without its padding; bytes that are no UTF-8 become U+FFFD, so that they match nothing.
    static func decode<Tuple>(_ tuple: Tuple) -> String {
        let bytes = withUnsafeBytes(of: tuple) { Array($0) }
        // Blank is the standard's padding; some modules use NUL.
        let end = bytes.lastIndex { $0 != 0x20 && $0 != 0 }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// Writes text into such an array.
    ///
    /// - Returns: false, with nothing written, when the text is too long.
    static func encode<Tuple>(_ text: String, into tuple: inout Tuple) -> Bool {
        withUnsafeMutableBytes(of: &tuple) { field in
            let bytes = Array(text.utf8)
            guard bytes.count <= field.count else { return false }
            field.copyBytes(from: bytes + Array(repeating: 0x20, count: field.count - bytes.count))
            return true
        }
    }
}
