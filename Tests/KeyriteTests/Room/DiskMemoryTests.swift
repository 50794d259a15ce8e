import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("What a machine remembers of ceremonies")
struct DiskMemoryTests {
    @Test("of what is seen at the same time, nothing is lost")
    func together() async throws {
        try await withTemporaryFolder { scratch in
            let folder = scratch.appending(path: "memory").path
            let seen = (1...40).map { number in
                Sighting(
                    ceremony: "c", gate: .release, attempt: number, statement: SHA256Digest(of: [UInt8(number)]),
                    seq: number, head: "\(number)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sighting in seen {
                    group.addTask { try DiskMemory(folder: folder, owner: "ben").remember(sighting) }
                }
                try await group.waitForAll()
            }
            let remembered = try DiskMemory(folder: folder, owner: "ben").recall("c")
            #expect(Set(remembered) == Set(seen) && remembered.count == seen.count)
        }
    }
}
