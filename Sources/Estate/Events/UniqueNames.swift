import Foundation

/// Sees to it that no object of a JSON text has a name twice: of two values, two programs may believe either.
enum UniqueNames {
    /// - Throws: `AWSEvent.Malformed`; of text that is not JSON it may say nothing.
    static func demand(in bytes: [UInt8]) throws(AWSEvent.Malformed) {
        var names: [Set<[UInt8]>] = []
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): names.append([])
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = names.popLast()
            case UInt8(ascii: "\""):
                let text = string(from: position + 1, in: bytes)
                position = text.endIndex
                guard isName(before: position + 1, in: bytes), let last = names.indices.last else { break }
                guard names[last].insert(try spelled(text)).inserted else {
                    throw AWSEvent.Malformed(
                        reason:
                            "the name \(String(decoding: text.prefix(64), as: UTF8.self)) stands twice in one object")
                }
            default: break
            }
            position += 1
        }
    }

    /// - Returns: What lies between the quotes.
    private static func string(from start: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        var position = start
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return bytes[start..<min(position, bytes.count)]
    }

    /// A name without its escapes: the same name can be written in many ways.
    private static func spelled(_ name: ArraySlice<UInt8>) throws(AWSEvent.Malformed) -> [UInt8] {
        guard name.contains(UInt8(ascii: "\\")) else { return Array(name) }
        let quoted = [UInt8(ascii: "\"")] + name + [UInt8(ascii: "\"")]
        guard let text = try? JSONDecoder().decode(String.self, from: Data(quoted)) else {
            throw AWSEvent.Malformed(reason: "a name in it is not JSON")
        }
        return Array(text.utf8)
    }

    /// Whether a string that ends there is followed by a colon.
    private static func isName(before position: Int, in bytes: [UInt8]) -> Bool {
        bytes.dropFirst(position).first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: ":")
    }
}
