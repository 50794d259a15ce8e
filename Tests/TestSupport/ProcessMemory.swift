package import Foundation
import Glibc

/// Another process as /proc shows it: for tests that look where key material is, and where it is not.
package enum ProcessMemory {
    /// The processes that a process started and has not reaped.
    package static func children(of pid: Int32) -> [Int32] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.flatMap { task in
            let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/children", encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { Int32($0) }
        }
    }

    /// The one-letter state of a process: R, S, T for stopped, Z for dead; nil when it is gone.
    package static func state(of pid: Int32) -> Character? {
        let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return stat?.split(separator: ")").last?.first { $0 != " " }
    }

    /// The lines of /proc/PID/maps (proc(5)), all of them: Foundation's own reading of a whole file ends after a page,
    /// since the kernel's files say they have no size.
    package static func maps(of pid: Int32) throws -> [Substring] {
        let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/maps"))
        defer { try? file.close() }
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self).split(separator: "\n")
    }

    /// The contents of every writable mapping of a process, for a search in them.
    ///
    /// - Throws: When the process may not be read (it must be ours, or we root).
    package static func writable(of pid: Int32) throws -> [Data] {
        let memory = open("/proc/\(pid)/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(memory) }
        return try maps(of: pid).compactMap { line in
            let fields = line.split(separator: " ")
            let ends = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            guard fields[1].hasPrefix("rw"), ends.count == 2 else { return nil }
            var bytes = Data(count: ends[1] - ends[0])
            let read = bytes.withUnsafeMutableBytes { pread(memory, $0.baseAddress, $0.count, ends[0]) }
            return read > 0 ? bytes.prefix(read) : nil
        }
    }
}
