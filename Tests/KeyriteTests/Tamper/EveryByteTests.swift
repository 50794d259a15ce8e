import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    /// `KEYRITE_EVERY_BYTE` has every byte changed; without it, every 256th, from another first one in each run.
    @Suite("Every byte of every file counts")
    struct EveryByteTests {
        @Test("a changed byte is refused, whichever it is")
        func everyByte() async throws {
            let ceremony = try #require(ceremony)
            let held = try HeldFolder(ceremony.folder)
            try #require(held.verdict(expecting: ceremony.roster) == .verified)
            let stride = ProcessInfo.processInfo.environment["KEYRITE_EVERY_BYTE"] == nil ? 256 : 1
            let accepted = await withTaskGroup(of: [String].self) { group in
                for (path, bytes) in held.bytes {
                    let first = Int.random(in: 0..<stride)
                    for piece in Swift.stride(from: first, to: bytes.count, by: stride).chunked(by: 200) {
                        group.addTask { await held.accepted(piece, of: path, ceremony.roster) }
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            #expect(accepted == [])
        }

        @Test("verify.sh refuses what keyrite refuses, at the same place", arguments: 0..<40)
        func anyByte(_: Int) async throws {
            try await withCopy { copy in
                let path = try #require(try copy.folder.files().randomElement())
                var changed = 0
                let bit = UInt8(1) << UInt8.random(in: 0..<8)
                try copy.change(path) { bytes in
                    changed = Int.random(in: 0..<bytes.count)
                    bytes[changed] ^= bit
                }
                let judgement = try await copy.judged()
                #expect(judgement.word == "REFUSED", "\(path), byte \(changed), bit \(bit)")
            }
        }
    }
}

/// A ceremony's files in memory, where they are changed one byte at a time.
private struct HeldFolder: EvidenceFolder, Sendable {
    private(set) var bytes: [String: [UInt8]] = [:]

    init(_ folder: DiskFolder) throws {
        for path in try folder.files() { bytes[path] = try folder.read(path) }
    }

    func read(_ path: String) throws -> [UInt8] {
        guard let found = bytes[path] else { throw EvidenceError(path, "it is missing") }
        return found
    }

    func files() throws -> [String] { Array(bytes.keys) }

    func verdict(expecting roster: SHA256Digest) -> Verdict {
        var verifier = Verifier(of: self, expecting: Expectations(roster: roster, mode: .rehearsal))
        return verifier.verify().verdict
    }

    /// Which of these bytes can be changed unnoticed. Between two it leaves the threads that all tests share to others.
    func accepted(_ piece: [Int], of path: String, _ roster: SHA256Digest) async -> [String] {
        var found: [String] = []
        for index in piece {
            if accepts(index, of: path, roster) { found.append("\(path) \(index)") }
            await Task.yield()
        }
        return found
    }

    /// Whether the folder still verifies, or is only not closed, when one bit of this byte is another.
    private func accepts(_ index: Int, of path: String, _ roster: SHA256Digest) -> Bool {
        var changed = self
        changed.bytes[path]?[index] ^= UInt8(1) << UInt8.random(in: 0..<8)
        if case .refused = changed.verdict(expecting: roster) { return false }
        return true
    }
}

extension Sequence {
    /// In pieces of at most so many elements.
    fileprivate func chunked(by size: Int) -> [[Element]] {
        let all = Array(self)
        return Swift.stride(from: 0, to: all.count, by: size).map { Array(all[$0..<Swift.min($0 + size, all.count)]) }
    }
}
