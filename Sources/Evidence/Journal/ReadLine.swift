import CryptoPrimitives
import Foundation
import Synchronization

/// One line of a transcript's file as it was read by itself, whatever stands before it.
struct ReadLine: Sendable {
    let line: Result<JournalLine, any Error>
    /// The SHA-256 of the line, its LF included.
    let digest: SHA256Digest
    /// Its bytes, its LF included.
    let count: Int

    private init(_ bytes: ArraySlice<UInt8>) {
        line = Result { try CanonicalJSON.decode(JournalLine.self, from: Array(bytes.dropLast())) }
        digest = SHA256Digest(of: bytes)
        count = bytes.count
    }

    /// How many lines are worth another thread.
    private static let share = 256

    /// Reads every line that has its end, in the order of the file; each by itself, so on all cores.
    static func all(in bytes: [UInt8]) -> [ReadLine] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while let end = bytes.index(of: UInt8(ascii: "\n"), from: start) {
            lines.append(bytes[start...end])
            start = end + 1
        }
        let shares = stride(from: 0, to: lines.count, by: share).map { lines[$0..<min($0 + share, lines.count)] }
        guard shares.count > 1 else { return lines.map(ReadLine.init) }
        let read = Mutex<[Int: [ReadLine]]>([:])
        DispatchQueue.concurrentPerform(iterations: shares.count) { number in
            let own = shares[number].map(ReadLine.init)
            read.withLock { $0[number] = own }
        }
        return read.withLock { read in shares.indices.flatMap { read[$0] ?? [] } }
    }
}
