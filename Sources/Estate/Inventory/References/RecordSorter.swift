/// Sorts records by their bytes in memory that does not grow with them: what is too much goes to a file in sorted runs, which
/// are read side by side. What stands twice stands once.
package struct RecordSorter: Sendable {
    /// Bytes that are held before they go to the file.
    private let held: Int
    /// Runs of one rank that are made one of the next.
    private let fan: Int
    /// Bytes of a run that are in memory at a time.
    private let piece: Int
    private let makeFile: @Sendable () throws -> SpillFile

    private var waiting: [UInt8] = []
    private var places: [Range<Int>] = []
    private var written: [(bytes: Range<Int>, rank: Int)] = []
    private var file: SpillFile?

    /// - Parameters:
    ///   - held: Bytes that are held before they go to the file.
    ///   - fan: Runs that are merged at once while more come.
    ///   - piece: Bytes of each run that are read at a time.
    ///   - makeFile: Makes the file, once it is needed.
    package init(
        holding held: Int = 1 << 20, fan: Int = 16, piece: Int = 16 << 10,
        in makeFile: @escaping @Sendable () throws -> SpillFile = { try SpillFile() }
    ) {
        (self.held, self.fan, self.piece, self.makeFile) = (held, max(fan, 2), max(piece, 64), makeFile)
    }

    /// How much of it is in memory, in bytes.
    package var size: Int { waiting.count }
    /// Runs in the file that are to be read side by side.
    package var runs: Int { written.count }

    /// - Throws: `EstateError` where the file cannot be written.
    package mutating func add(_ record: [UInt8]) throws {
        if !waiting.isEmpty, waiting.count + record.count > held { try spill() }
        places.append(waiting.count..<waiting.count + record.count)
        waiting += record
    }

    /// Each of them once, in their order. More can be added afterwards.
    ///
    /// - Throws: What `body` throws; `EstateError` where the file cannot be read.
    package func each(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var readers = file.map { file in written.map { RunReader(file, $0.bytes, piece) } } ?? []
        if !places.isEmpty { readers.append(RunReader(sorted())) }
        try Self.merge(readers, body)
    }

    /// What waits goes to the file.
    private mutating func spill() throws {
        try append(sorted(), rank: 0)
        waiting.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        // Few runs are left open, however many there were.
        while let rank = written.last?.rank, written.count(where: { $0.rank == rank }) >= fan { try join(rank) }
    }

    private mutating func append(_ run: [UInt8], rank: Int) throws {
        let file = try file ?? makeFile()
        self.file = file
        let start = try file.append(run)
        written.append((start..<start + run.count, rank))
    }

    private mutating func join(_ rank: Int) throws {
        guard let file else { return }
        let old = written.filter { $0.rank == rank }
        written.removeAll { $0.rank == rank }
        var (start, end) = (Int?.none, 0)
        var part: [UInt8] = []
        func write() throws {
            let place = try file.append(part)
            (start, end) = (start ?? place, place + part.count)
            part.removeAll(keepingCapacity: true)
        }
        try Self.merge(old.map { RunReader(file, $0.bytes, piece) }) { record in
            RunReader.write(record, to: &part)
            if part.count >= piece { try write() }
        }
        if !part.isEmpty { try write() }
        written.append(((start ?? 0)..<end, rank + 1))
    }

    /// What waits, as a run.
    private func sorted() -> [UInt8] {
        var run: [UInt8] = []
        run.reserveCapacity(waiting.count + 4 * places.count)
        waiting.withUnsafeBytes { bytes in
            let sorted = places.sorted { one, other in
                bytes[one].lexicographicallyPrecedes(bytes[other])
            }
            var last: Range<Int>?
            for place in sorted where last.map({ bytes[$0].elementsEqual(bytes[place]) }) != true {
                RunReader.write(bytes[place], to: &run)
                last = place
            }
        }
        return run
    }

    private static func merge(
        _ runs: [RunReader], _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        var runs = runs
        for index in runs.indices { try runs[index].advance() }
        var last: ArraySlice<UInt8>?
        while true {
            var least: Int?
            for index in runs.indices {
                guard let record = runs[index].record else { continue }
                if let found = least, let other = runs[found].record, !record.lexicographicallyPrecedes(other) {
                    continue
                }
                least = index
            }
            guard let least, let record = runs[least].record else { return }
            if last.map({ $0.elementsEqual(record) }) != true { try body(record) }
            last = record
            try runs[least].advance()
        }
    }
}

/// Reads sorted records one by one: each has its length before it, in four bytes.
private struct RunReader {
    private let file: SpillFile?
    private let piece: Int
    /// What of the file is not in memory yet.
    private var rest: Range<Int>
    private var bytes: [UInt8]
    private var next = 0
    /// nil before the first, and after the last.
    private(set) var record: ArraySlice<UInt8>?

    init(_ file: SpillFile, _ rest: Range<Int>, _ piece: Int) {
        (self.file, self.rest, self.piece, bytes) = (file, rest, piece, [])
    }

    init(_ bytes: [UInt8]) {
        (file, rest, piece, self.bytes) = (nil, 0..<0, 0, bytes)
    }

    static func write(_ record: some Collection<UInt8>, to run: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { run.append(UInt8(truncatingIfNeeded: record.count >> shift)) }
        run += record
    }

    mutating func advance() throws {
        record = nil
        guard try has(4) else { return }
        let length = bytes[next..<next + 4].reduce(0) { $0 << 8 | Int($1) }
        guard try has(4 + length) else { return }
        record = bytes[next + 4..<next + 4 + length]
        next += 4 + length
    }

    /// Whether so many bytes follow; they are in memory then.
    private mutating func has(_ count: Int) throws -> Bool {
        if bytes.count - next < count, let file, !rest.isEmpty {
            let wanted = max(piece, count)
            let more = rest.prefix(wanted)
            bytes = try Array(bytes[next...]) + file.read(more.lowerBound..<more.upperBound)
            next = 0
            rest = more.upperBound..<rest.upperBound
        }
        return bytes.count - next >= count
    }
}
