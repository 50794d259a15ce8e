import CZlib

/// What a record can be told to be before it is decoded, so that a million others need not be.
package struct RecordGlance {
    private static let nameMark = Array(#""eventName""#.utf8)
    private static let timeMark = Array(#""eventTime""#.utf8)
    /// A name could be written with escapes; nobody does, and who does is looked at closely.
    private static let escape = Array(#"\u00"#.utf8)

    private let record: UnsafeRawBufferPointer

    package init(_ record: UnsafeRawBufferPointer) {
        self.record = record
    }

    /// Whether the record can be an event of one of these names. It says yes too often rather than too seldom.
    package func canBe(_ names: Set<String>) -> Bool {
        if range(of: Self.escape, from: 0) != nil { return true }
        // An event within a text, as LookupEvents has it, shows no name here.
        guard var mark = range(of: Self.nameMark, from: 0) else { return true }
        while true {
            // A name that is not a text, or not whole, is for who decodes it to complain of.
            guard let text = text(from: mark.upperBound),
                !names.contains(String(decoding: record[text], as: UTF8.self))
            else { return true }
            guard let next = range(of: Self.nameMark, from: mark.upperBound) else { return false }
            mark = next
        }
    }

    /// When it happened, as it is written there; nil where it does not say.
    var time: String? {
        range(of: Self.timeMark, from: 0).flatMap { text(from: $0.upperBound) }.map {
            String(decoding: record[$0], as: UTF8.self)
        }
    }

    /// Whether a plain text can stand in it anywhere, be it within another one or in escapes.
    func canName(_ text: String) -> Bool {
        range(of: Self.escape, from: 0) != nil || range(of: Array(text.utf8), from: 0) != nil
    }

    /// Whether each of some members stands in it with this plain text as its value: others of its texts may name the same.
    func holds(_ members: KeyValuePairs<StaticString, String>) -> Bool {
        members.allSatisfy { name, value in
            let name = Array("\"\(name)\"".utf8)
            var start = 0
            while let mark = range(of: name, from: start) {
                start = mark.upperBound
                if let text = text(from: start), record[text].elementsEqual(value.utf8) { return true }
            }
            return false
        }
    }

    private func range(of mark: [UInt8], from start: Int) -> Range<Int>? {
        guard let base = record.baseAddress, start < record.count,
            let found = memmem(base + start, record.count - start, mark, mark.count)
        else { return nil }
        let first = base.distance(to: found)
        return first..<(first + mark.count)
    }

    /// The text that stands behind a name and its colon.
    private func text(from start: Int) -> Range<Int>? {
        var position = start
        while position < record.count, " \t\r\n:".utf8.contains(record[position]) { position += 1 }
        guard position < record.count, record[position] == UInt8(ascii: "\"") else { return nil }
        let first = position + 1
        return record[first...].firstIndex(of: UInt8(ascii: "\"")).map { first..<$0 }
    }
}
