/// RFC 3986 as SigV4 applies it: only `A-Z a-z 0-9 - . _ ~` stay, hex digits are uppercase.
enum PercentEncoding {
    static func encode(_ text: String, keeping: StaticString = "") -> String {
        encode(Array(text.utf8), keeping: keeping)
    }

    static func encode(_ bytes: [UInt8], keeping: StaticString = "") -> String {
        String(decoding: encoded(bytes, keeping: keeping), as: UTF8.self)
    }

    /// The same as bytes, for what shall be in no text.
    static func encoded(_ bytes: some Sequence<UInt8>, keeping: StaticString = "") -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        let kept = Array("-._~\(keeping)".utf8)
        var out: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                out.append(byte)
            case _ where kept.contains(byte): out.append(byte)
            default: out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return out
    }

    /// The bytes that `text` stands for; a `%` without two hex digits after it stands for itself.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16)
            {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte)
            }
        }
        return out
    }

    /// The path without `.`, `..` and empty segments, its final slash kept (RFC 3986, 5.2.4).
    static func resolvingDots(_ path: String) -> String {
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        for part in parts where part != "." {
            if part == ".." { _ = segments.popLast() } else { segments.append(part) }
        }
        let endsInSlash = ["/", "/.", "/.."].contains { path.hasSuffix($0) }
        return "/" + segments.joined(separator: "/") + (endsInSlash && !segments.isEmpty ? "/" : "")
    }
}
