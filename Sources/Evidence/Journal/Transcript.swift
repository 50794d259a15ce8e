package import CryptoPrimitives

/// The journal of a ceremony: canonical lines, each bound to the one before it.
package struct Transcript: Sendable {
    /// The file's name in the ceremony folder.
    package static let path = "transcript.jsonl"
    /// What the first line has for a predecessor.
    package static let genesis = String(repeating: "0", count: 64)

    /// The most lines that it may have: some three times as many as a ceremony over 1,000 keys makes.
    package static let mostLines = 50_000

    package private(set) var lines: [JournalLine] = []
    /// The SHA-256 of each line, its LF included.
    package private(set) var digests: [SHA256Digest] = []

    package init() {}

    /// The last line's sequence number and digest: what a statement is anchored to.
    package var anchor: Anchor {
        Anchor(seq: lines.count, head: digests.last?.hex ?? Self.genesis)
    }

    /// Whether the transcript once ended so.
    func hasPrefix(_ anchor: Anchor) -> Bool {
        guard (0...lines.count).contains(anchor.seq) else { return false }
        return anchor.head == (anchor.seq == 0 ? Self.genesis : digests[anchor.seq - 1].hex)
    }

    /// Reads a transcript and checks its chain.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: `EvidenceError` naming the first line that does not hold.
    package init(parsing bytes: [UInt8]) throws {
        guard bytes.count(where: { $0 == UInt8(ascii: "\n") }) <= Self.mostLines else {
            throw EvidenceError(
                Self.path, line: Self.mostLines + 1, "it is beyond the 50,000 lines that a transcript may have")
        }
        let read = ReadLine.all(in: bytes)
        for line in read { try accept(line) }
        guard read.reduce(0, { $0 + $1.count }) == bytes.count else {
            throw EvidenceError(Self.path, line: lines.count + 1, "the last line does not end: the file was cut off")
        }
    }

    /// Reads the lines that are whole: while another process writes, the last may not be there to its end.
    package init(parsingWholeLinesOf bytes: [UInt8]) throws {
        try self.init(parsing: bytes.lastIndex(of: UInt8(ascii: "\n")).map { Array(bytes[...$0]) } ?? [])
    }

    /// The line that would come next, and its bytes, LF included.
    ///
    /// The last line of all has the time and the host of the line before it: nothing follows that would bind them.
    package func next(_ event: Event, at: Timestamp, host: String) throws -> (line: JournalLine, bytes: [UInt8]) {
        let before = event.kind == .closed ? lines.last : nil
        let line = JournalLine(
            seq: lines.count + 1, prev: anchor.head, at: before?.at ?? at, host: before?.host ?? host, event: event)
        let bytes = try CanonicalJSON.encode(line) + [UInt8(ascii: "\n")]
        return (line, bytes)
    }

    /// Adds a line whose place was checked.
    mutating func take(_ line: JournalLine, digest: SHA256Digest) {
        lines.append(line)
        digests.append(digest)
    }

    private mutating func accept(_ read: ReadLine) throws {
        let number = lines.count + 1
        let line: JournalLine
        do { line = try read.line.get() } catch {
            throw EvidenceError(Self.path, line: number, "it is no line in canonical form; at \(error)")
        }
        guard line.seq == number else {
            throw EvidenceError(Self.path, line: number, "its number is \(line.seq): a line is missing or moved")
        }
        guard line.prev == anchor.head else {
            throw EvidenceError(Self.path, line: number, "it does not follow from the line before it")
        }
        take(line, digest: read.digest)
    }
}
