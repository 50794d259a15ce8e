import Estate
import Foundation
import TestSupport
import Testing

@Suite("Sorting what memory does not hold")
struct RecordSorterTests {
    /// Records of up to 40 bytes, many of them twice, the same each time.
    private static func records(_ count: Int) -> [[UInt8]] {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        return (0..<count).map { _ in
            let short = next(3) == 0
            return (0..<next(short ? 3 : 41)).map { _ in UInt8(next(short ? 3 : 256)) }
        }
    }

    private static func sorted(_ records: [[UInt8]]) -> [[UInt8]] {
        Set(records).sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func all(_ sorter: RecordSorter) throws -> [[UInt8]] {
        var all: [[UInt8]] = []
        try sorter.each { all.append(Array($0)) }
        return all
    }

    @Test(
        "gives each once and in order, of however many runs, and holds no more than it may",
        arguments: [(0, 512, 3), (1, 512, 3), (20, 4_096, 3), (3_000, 512, 2), (3_000, 512, 5), (3_000, 4_096, 16)])
    func merges(_ count: Int, _ held: Int, _ fan: Int) throws {
        let folder = try TemporaryFolder()
        var sorter = RecordSorter(holding: held, fan: fan, piece: 64) { try SpillFile(in: folder.path) }
        let records = Self.records(count)
        for record in records {
            try sorter.add(record)
            #expect(sorter.size <= held && sorter.runs <= fan * 16)
        }
        #expect((sorter.runs > 0) == (count == 3_000))
        #expect(try Self.all(sorter) == Self.sorted(records))
        // The same once more, and with what comes later.
        let later = records.map { $0 + [7] }
        for record in later { try sorter.add(record) }
        #expect(try Self.all(sorter) == Self.sorted(records + later))
        #expect(try Self.all(sorter) == Self.sorted(records + later))
        // Its file has no name that anything could find, or leave behind.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("takes a record that is longer than all that it may hold, and than what it reads at a time")
    func long() throws {
        let folder = try TemporaryFolder()
        var sorter = RecordSorter(holding: 512, fan: 2, piece: 64) { try SpillFile(in: folder.path) }
        let records = (0..<9).map { [UInt8](repeating: 9 - $0, count: 300 * (Int($0) + 1)) }
        for record in records { try sorter.add(record) }
        #expect(try Self.all(sorter) == Self.sorted(records))
    }

    @Test("says where it found no room for a file")
    func noRoom() throws {
        let folder = try TemporaryFolder()
        let missing = folder.path + "/none"
        var sorter = RecordSorter(holding: 16, fan: 2, piece: 64) { try SpillFile(in: missing) }
        try sorter.add([UInt8](repeating: 1, count: 16))
        let error = #expect(throws: EstateError.self) { try sorter.add([2]) }
        #expect(error?.path == missing && error?.reason.contains("TMPDIR") == true)
    }
}
