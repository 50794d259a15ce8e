import Foundation
import Glibc
import TestSupport

/// What one process had in its memory, over many looks: every page that differs from all that were seen before.
///
/// A page is kept with the bytes around it, so that what lies across two pages is found too.
struct MemoryRecord {
    /// More than half of the longest text that is searched for.
    private static let overlap = 128
    private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    /// Entries of /proc/PID/pagemap (proc(5)): the page is in memory, is swapped out, is a file's own.
    private static let present: UInt64 = 1 << 63
    private static let swapped: UInt64 = 1 << 62
    private static let ofFile: UInt64 = 1 << 61

    private var seen: Set<Int> = []
    private var kept: [Data] = []

    /// How many bytes were kept.
    var size: Int { kept.reduce(0) { $0 + $1.count } }

    /// Looks at everything that the process has in its memory but the pages of files that it cannot write to.
    ///
    /// - Throws: When its memory may not be read: it must be ours, or we root. When it is stopped, and so holds still,
    ///   also when less was seen than the kernel says it has.
    mutating func look(at pid: Int32) throws {
        let holdsStill = ProcessMemory.state(of: pid) == "T"
        var own = 0
        let memory = try Self.open("/proc/\(pid)/mem")
        let pagemap = try Self.open("/proc/\(pid)/pagemap")
        defer {
            close(memory)
            close(pagemap)
        }
        for line in try ProcessMemory.maps(of: pid) {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            let ends = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            // The kernel's own pages cannot be read, and nobody else can write there.
            guard ends.count == 2, fields.count < 6 || !fields[5].hasPrefix("[v") else { continue }
            let entries = Self.entries(of: ends[0]..<ends[1], pagemap)
            for run in Self.runs(entries, writable: fields[1].dropFirst().first == "w") {
                let bytes = Self.read(ends[0] + run.lowerBound * Self.page, run.count * Self.page, memory)
                take(bytes)
                own += entries[run].prefix(bytes.count / Self.page).count { $0 & Self.ofFile == 0 }
            }
        }
        guard try !holdsStill || own * Self.page >= Self.anonymous(of: pid) else { throw POSIXError(.ENODATA) }
    }

    /// Whether these bytes lay in the memory at any look.
    func contains(_ bytes: [UInt8]) -> Bool {
        kept.contains { $0.withUnsafeBytes { Self.contains(bytes, in: $0) } }
    }

    private static func contains(_ bytes: [UInt8], in window: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first, let base = window.baseAddress else { return false }
        var start = 0
        while window.count - start >= bytes.count {
            guard let found = memchr(base + start, Int32(first), window.count - start) else { return false }
            let place = UnsafeRawPointer(found) - base
            if window.count - place >= bytes.count, memcmp(found, bytes, bytes.count) == 0 { return true }
            start = place + 1
        }
        return false
    }

    private mutating func take(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: Self.page) {
                let window = max(0, start - Self.overlap)..<min(bytes.count, start + Self.page + Self.overlap)
                let content = UnsafeRawBufferPointer(rebasing: bytes[window])
                var hasher = Hasher()
                hasher.combine(bytes: content)
                if seen.insert(hasher.finalize()).inserted { kept.append(Data(content)) }
            }
        }
    }

    /// The bytes that are the process's own and no file's, by the kernel's account (proc(5), smaps_rollup).
    private static func anonymous(of pid: Int32) throws -> Int {
        let account = try String(contentsOfFile: "/proc/\(pid)/smaps_rollup", encoding: .utf8)
        let line = account.split(separator: "\n").first { $0.hasPrefix("Anonymous:") }
        guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw POSIXError(.ENODATA)
        }
        return kilobytes * 1024
    }

    private static func entries(of range: Range<Int>, _ pagemap: Int32) -> [UInt64] {
        var entries = [UInt64](repeating: 0, count: range.count / page)
        let read = entries.withUnsafeMutableBytes {
            pread(pagemap, $0.baseAddress, $0.count, off_t(range.lowerBound / page * 8))
        }
        return Array(entries.prefix(max(0, read) / 8))
    }

    /// The runs of neighbouring pages that can hold what the process itself made.
    private static func runs(_ entries: [UInt64], writable: Bool) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, entry) in entries.enumerated() {
            guard entry & (present | swapped) != 0, writable || entry & ofFile == 0 else { continue }
            if let last = runs.last, last.upperBound == index {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }

    private static func read(_ address: Int, _ count: Int, _ memory: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, read in
            read = max(0, pread(memory, buffer.baseAddress, count, off_t(address)))
        }
    }

    private static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return descriptor
    }
}
