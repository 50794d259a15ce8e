/// Finds the single records in exported events, in memory that one record bounds.
///
/// It takes what CloudTrail writes to a bucket (`{"Records":[…]}`), what LookupEvents answers (`{"Events":[…]}`), and
/// events one after the other, a line each or not; any number of such documents.
///
/// It sees to brackets and strings alone. Whether a record is JSON is found out by whoever decodes it.
package struct RecordScanner {
    /// What is wrong with the bytes.
    package struct Malformed: Error {
        package let reason: String
        /// Counted from 0, over all that was pushed.
        package let offset: Int
    }

    /// The most bytes of one record. CloudTrail's own bound is 256 KB, and 1 MB where it is told so.
    static let longestRecord = 1 << 20
    /// AWS nests some six deep.
    private static let deepest = 64
    private static let lists = ["Records", "Events"].map { Array($0.utf8) }

    /// What is not in a record that was taken, or between records.
    private var kept: [UInt8] = []
    /// How much of `kept` was looked at.
    private var index = 0
    /// Bytes that were pushed and are no longer in `kept`.
    private var passed = 0
    private var depth = 0
    /// A bit for each open bracket, the innermost lowest: 1 for an object's.
    private var objects: UInt64 = 0
    private var isInString = false
    private var isEscaped = false
    /// Where the record begins that is being read.
    private var recordStart: Int?
    /// Whether a list of records is open.
    private var isInList = false
    /// Whether the outermost object has a list of records, and so is none itself.
    private var hasList = false
    /// Where the last string of the outermost object lies, quotes left out.
    private var outerString = 0..<0
    /// Whether the last list said that there is more of it, which did not follow.
    private var hasNext = false
    /// Whether any document began, though it be a list of no records.
    private(set) var hasDocument = false

    package init() {}

    /// Reads on.
    ///
    /// - Parameter take: Gets each whole record.
    /// - Throws: `Malformed`, and what `take` throws.
    package mutating func push(
        _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var all = kept
        kept = []
        all.append(contentsOf: bytes)
        try all.withUnsafeBytes { try scan($0, take) }
        let needed = recordStart ?? (depth == 1 ? min(outerString.lowerBound, index) : index)
        guard all.count - needed <= Self.longestRecord else { throw tooLong(from: needed) }
        kept = Array(all[needed...])
        passed += needed
        index -= needed
        recordStart = recordStart.map { $0 - needed }
        outerString = max(0, outerString.lowerBound - needed)..<max(0, outerString.upperBound - needed)
    }

    /// - Throws: `Malformed` when a document is not complete.
    package func end() throws {
        guard depth == 0 else { throw Malformed(reason: "it ends within a record", offset: passed + index) }
        guard !hasNext else {
            throw Malformed(reason: "its last list has a NextToken: further pages are missing", offset: passed + index)
        }
    }

    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        while index < bytes.count {
            if isInString {
                skipString(in: bytes)
                continue
            }
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""): try beginString(in: bytes)
            case UInt8(ascii: "{"), UInt8(ascii: "["): try enter(isObject: byte == UInt8(ascii: "{"), bytes)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): try leave(isObject: byte == UInt8(ascii: "}"), bytes, take)
            default:
                guard isBetween || Self.isSpace(byte) || isInList && depth == 2 && byte == UInt8(ascii: ",") else {
                    throw stray
                }
            }
            index += 1
        }
    }

    /// Whether anything may stand here, inside a record or beside a list of them.
    private var isBetween: Bool { depth > 0 && !(isInList && depth == 2) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private var stray: Malformed {
        Malformed(reason: "what stands there is outside of any record", offset: passed + index)
    }

    private func tooLong(from start: Int) -> Malformed {
        Malformed(reason: "a record is over \(Self.longestRecord >> 20) MiB", offset: passed + start)
    }

    private mutating func beginString(in bytes: UnsafeRawBufferPointer) throws {
        guard isBetween else { throw stray }
        isInString = true
        guard depth == 1 else { return }
        // A text as its value, and not null.
        let between = bytes[min(outerString.upperBound + 1, index)..<index]
        let isValue = between.allSatisfy { Self.isSpace($0) || $0 == UInt8(ascii: ":") }
        if isValue, bytes[outerString].elementsEqual("NextToken".utf8) { hasNext = true }
        outerString = (index + 1)..<(index + 1)
    }

    /// Goes on behind the string, or to the end of what is there.
    private mutating func skipString(in bytes: UnsafeRawBufferPointer) {
        var position = index
        var escaped = isEscaped
        defer { (index, isEscaped) = (position, escaped) }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                if depth == 1 { outerString = outerString.lowerBound..<(position - 1) }
                return
            }
        }
    }

    private mutating func enter(isObject: Bool, _ bytes: UnsafeRawBufferPointer) throws {
        if depth == 0 {
            guard isObject else { throw stray }
            (recordStart, hasList, hasNext, hasDocument) = (index, false, false, true)
            outerString = index..<index
        } else if depth == 1, !isObject, Self.lists.contains(where: bytes[outerString].elementsEqual) {
            (recordStart, hasList, isInList) = (nil, true, true)
        } else if depth == 2, isInList {
            guard isObject else { throw stray }
            recordStart = index
        }
        guard depth < Self.deepest else {
            throw Malformed(reason: "it is nested over \(Self.deepest) deep", offset: passed + index)
        }
        depth += 1
        objects = objects << 1 | (isObject ? 1 : 0)
    }

    private mutating func leave(
        isObject: Bool, _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard depth > 0, (objects & 1 == 1) == isObject else {
            throw Malformed(reason: "a bracket closes what is not open", offset: passed + index)
        }
        depth -= 1
        objects >>= 1
        if depth == 1 {
            isInList = false
            outerString = index..<index
        }
        guard isInList ? depth == 2 : depth == 0 && !hasList, let start = recordStart else { return }
        guard index - start < Self.longestRecord else { throw tooLong(from: start) }
        recordStart = nil
        try take(UnsafeRawBufferPointer(rebasing: bytes[start...index]))
    }
}
