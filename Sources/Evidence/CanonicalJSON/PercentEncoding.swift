import CryptoPrimitives

/// Free text inside evidence, which holds bytes 0x20–0x7E only: `%` and every other byte of its UTF-8 become `%XX`.
package enum PercentEncoding {
    /// - Returns: Bytes 0x20–0x7E, one form for each text.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isLiteral(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded += Hex.encode([byte]).uppercased().utf8
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Reads back exactly what `encode` writes. The text may hold control characters: mind where it is shown.
    ///
    /// - Throws: `PercentEncodingError` for lowercase digits, an escape that was not needed, or bytes that are no UTF-8.
    package static func decode(_ encoded: String) throws -> String {
        let source = Array(encoded.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            if isLiteral(source[index]) {
                bytes.append(source[index])
                index += 1
                continue
            }
            let digits = String(decoding: source[index...].dropFirst().prefix(2), as: UTF8.self)
            guard source[index] == UInt8(ascii: "%"), digits == digits.uppercased(),
                let escaped = Hex.decode(digits.lowercased()), escaped.count == 1, !isLiteral(escaped[0])
            else { throw PercentEncodingError(offset: index) }
            bytes += escaped
            index += 3
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw PercentEncodingError(offset: 0) }
        return text
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
    }
}

/// Text that is not percent-encoded in the one form used here.
package struct PercentEncodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first byte concerned, counted from 0.
    package let offset: Int

    package var description: String {
        "text is not percent-encoded in its one form (byte \(offset)): \"%\" and bytes outside 0x20-0x7E, and no others, "
            + "are written %XX with uppercase digits, and the bytes are UTF-8"
    }
}
