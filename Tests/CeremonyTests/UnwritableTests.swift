import Ceremony
import Evidence
import Testing

@Suite("Where a decision could not be kept")
struct UnwritableTests {
    private struct Unwritable: Error, Equatable {}

    /// A memory that can be read alone.
    private struct SealedMemory: MemoryPort {
        func recall(_ ceremony: String) throws -> [Sighting] { [] }
        func requireWritable() throws { throw Unwritable() }
        func remember(_ sighting: Sighting) throws { Issue.record("a sighting was to be kept") }
    }

    /// A folder that can be read alone.
    private struct SealedFolder: FolderPort {
        let inner: MemoryFolder

        func read(_ path: String) throws -> [UInt8] { try inner.read(path) }
        func files() throws -> [String] { try inner.files() }
        func requireWritable(_ path: String) throws { throw Unwritable() }
        func write(_ bytes: [UInt8], to path: String) throws { Issue.record("\(path) was to be written") }
        func append(_ bytes: [UInt8], to path: String) throws { Issue.record("\(path) was to be appended to") }
        func truncate(_ path: String, to size: Int) throws { Issue.record("\(path) was to be cut off") }
        func remove(_ path: String) throws { Issue.record("\(path) was to be removed") }
        func exclusively(at path: String, _: () throws -> Void) throws {
            Issue.record("\(path) was to be put in place")
        }
        func removePartials() throws { Issue.record("partial files were to be removed") }
    }

    private struct Undisturbed: ParticipantPort {
        func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
            Issue.record("somebody was asked")
            return .approve
        }
    }

    @Test("nobody reads or signs anything", arguments: ["memory", "folder"])
    func unwritable(_ which: String) async throws {
        let room = try await BadInput.opened()
        let folder: any FolderPort = which == "folder" ? SealedFolder(inner: room.folder) : room.folder
        let memory: any MemoryPort = which == "memory" ? SealedMemory() : MemoryOfSightings()
        await #expect(throws: Unwritable()) {
            try await Approver(folder: folder, memory: memory, clock: room.clock).approve(
                .authorize, as: "ben", participant: Undisturbed(), signer: room.signer("ben"))
        }
        #expect((try? room.folder.read(Approval.path(.authorize, 1, "ben"))) == nil)
    }
}
