import Foundation

extension [UInt8] {
    /// Where a byte stands first, from a place on. The C library looks for it, which is quick without an optimizer, too.
    func index(of byte: UInt8, from start: Int) -> Int? {
        withUnsafeBytes { buffer in
            guard start < buffer.count, let base = buffer.baseAddress,
                let found = memchr(base + start, Int32(byte), buffer.count - start)
            else { return nil }
            return base.distance(to: UnsafeRawPointer(found))
        }
    }

    /// Whether each byte is printable ASCII and no backslash: then a string in JSON ends at the next quotation mark.
    var hasPlainStrings: Bool {
        withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return true }
            var index = 0
            while index < buffer.count {
                let byte = base[index]
                guard byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "\\") else { return false }
                index += 1
            }
            return true
        }
    }
}
