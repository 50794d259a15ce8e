package import CryptoPrimitives
import Foundation
import Glibc

/// What the kernel says about this process's memory.
package enum OwnMemory {
    /// The flags (proc(5), smaps, VmFlags) of the mapping that holds an address.
    package static func flags(of address: UInt) throws -> Set<Substring> {
        let maps = try text(of: "/proc/self/smaps")
        var inside = false
        for line in maps.split(separator: "\n") {
            if let range = range(line) {
                inside = range.contains(address)
            } else if inside, line.hasPrefix("VmFlags:") {
                return Set(line.split(separator: " ").dropFirst())
            }
        }
        return []
    }

    /// How often a secret's bytes lie anywhere in writable memory, itself included.
    ///
    /// Memory is read through the kernel, so that a mapping that goes meanwhile is an error and no crash, into a buffer
    /// that is not looked at itself.
    package static func occurrences(of needle: SecretBytes) throws -> Int {
        let memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { throw CocoaError(.fileReadNoPermission) }
        defer { close(memory) }
        let size = 1 << 20
        guard let buffer = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            buffer != MAP_FAILED
        else { throw CocoaError(.fileReadUnknown) }
        defer { munmap(buffer, size) }
        let own = UInt(bitPattern: buffer)..<UInt(bitPattern: buffer) + UInt(size)
        let through = UnsafeMutableRawBufferPointer(start: buffer, count: size)
        let maps = try text(of: "/proc/self/maps")
        var count = 0
        for line in maps.split(separator: "\n") {
            guard let range = range(line), line.contains(" rw") else { continue }
            for part in [range.clamped(to: 0..<own.lowerBound), range.clamped(to: own.upperBound..<UInt.max)] {
                count += occurrences(of: needle, at: part, of: memory, through: through)
            }
        }
        return count
    }

    private static func occurrences(
        of needle: SecretBytes, at range: Range<UInt>, of memory: Int32, through buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        var count = 0
        var start = range.lowerBound
        while start < range.upperBound {
            let wanted = min(buffer.count, Int(range.upperBound - start))
            let read = pread(memory, buffer.baseAddress, wanted, off_t(start))
            guard read >= needle.count else { break }
            count += occurrences(of: needle, in: UnsafeRawBufferPointer(rebasing: buffer[..<read]))
            if read == Int(range.upperBound - start) { break }
            // The next part begins early enough to find what lies across the border.
            start += UInt(read - needle.count + 1)
        }
        return count
    }

    private static func occurrences(of needle: SecretBytes, in haystack: UnsafeRawBufferPointer) -> Int {
        needle.withUnsafeBytes { needle in
            guard let wanted = needle.baseAddress, var place = haystack.baseAddress else { return 0 }
            let end = place + haystack.count
            var count = 0
            while end - place >= needle.count,
                let found = memchr(place, Int32(needle[0]), end - place - needle.count + 1)
            {
                if memcmp(found, wanted, needle.count) == 0 { count += 1 }
                place = UnsafeRawPointer(found) + 1
            }
            return count
        }
    }

    /// A file of the kernel's, which has no size until it is read.
    private static func text(of path: String) throws -> String {
        guard let file = fopen(path, "re") else { throw CocoaError(.fileReadNoPermission) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func range(_ line: Substring) -> Range<UInt>? {
        let ends = line.prefix { $0 != " " }.split(separator: "-")
        guard ends.count == 2, let from = UInt(ends[0], radix: 16), let to = UInt(ends[1], radix: 16) else {
            return nil
        }
        return from..<to
    }
}
