import Ceremony
import CryptoPrimitives
import Disk
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

    @Test("of two lines in one place, and of two statements of one attempt, the first is kept and the other refused")
    func conflict() async throws {
        try await withTemporaryFolder { scratch in
            let memory = DiskMemory(folder: scratch.appending(path: "memory").path, owner: "ben")
            func sighting(_ attempt: Int, _ statement: UInt8, _ seq: Int, _ head: String) -> Sighting {
                Sighting(
                    ceremony: "c", gate: .release, attempt: attempt, statement: SHA256Digest(of: [statement]), seq: seq,
                    head: head)
            }
            let first = sighting(1, 1, 5, "a")
            try memory.remember(first)
            for other in [sighting(2, 2, 5, "b"), sighting(1, 2, 6, "c")] {
                let refusal = #expect(throws: CeremonyError.self) { try memory.remember(other) }
                #expect(
                    refusal?.what
                        == "Another folder of ceremony c was seen here meanwhile, with release, attempt 1, in its line 5"
                )
            }
            try memory.remember(first)
            try memory.remember(sighting(2, 2, 6, "d"))
            #expect(try memory.recall("c") == [first, sighting(2, 2, 6, "d")])
        }
    }

    @Test("a folder that cannot be made, and a file that somebody changed, are named with what to do")
    func unfit() async throws {
        try await withTemporaryFolder { scratch in
            let sighting = Sighting(
                ceremony: "c", gate: .release, attempt: 1, statement: SHA256Digest(of: [1]), seq: 1, head: "1")
            let file = scratch.appending(path: "file").path
            try Data().write(to: URL(filePath: file))
            let unmade = #expect(throws: DiskError.self) {
                try DiskMemory(folder: file + "/memory", owner: "ben").remember(sighting)
            }
            #expect(
                unmade?.description
                    == "cannot make the folder \(file)/memory: Not a directory (errno 20). Check the path")

            let memory = DiskMemory(folder: scratch.appending(path: "a/b/memory").path, owner: "ben")
            try memory.remember(sighting)
            let own = scratch.appending(path: "a/b/memory/ben/c.jsonl")
            try (try Data(contentsOf: own) + Data("garbage\n".utf8)).write(to: own)
            let changed = #expect(throws: CeremonyError.self) { try memory.recall("c") }
            #expect(changed?.what.contains("/a/b/memory/ben/c.jsonl, line 2, is not what Keyrite wrote: ") == true)
        }
    }
}
