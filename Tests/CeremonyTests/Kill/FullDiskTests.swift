import Ceremony
import Evidence
import Synchronization
import Testing

@Suite("A disk that is full", .timeLimit(.minutes(10)))
struct FullDiskTests {
    @Test("at any write of a ceremony stops it; with room again it goes on as if nothing had been")
    func everyWrite() async throws {
        try await Self.atEachWrite { run, room, disk, comment in
            await #expect(throws: NoSpace.self, comment) { try await room.run(disk.ports(of: room)) }
            #expect(await !room.hsm.isLoggedIn, comment)
            try await run.expectSame(after: try await room.run(), in: room, isShown: true, comment)
        }
    }

    /// As in the room, where people make room on the disk and type *again*.
    @Test("stops it in the same process, too: nothing goes on from a line that is not on disk")
    func sameProcess() async throws {
        try await Self.atEachWrite { run, room, disk, comment in
            let engine = try Engine(opening: disk.ports(of: room))
            await #expect(throws: NoSpace.self, comment) { try await room.run(engine) }
            disk.makeRoom()
            try await run.expectSame(after: try await room.run(engine), in: room, isShown: true, comment)
        }
    }

    /// Gives each write of each run to a test: a room as it was before that run, and a disk that is full from there on.
    private static func atEachWrite(
        _ body: (UndisturbedRun, CutRoom, FullDisk, Comment) async throws -> Void
    ) async throws {
        try await UndisturbedRun.each(of: .rotation()) { run in
            let writes = run.points.count { point in
                ["journal", "folder.write", "memory.remember"].contains { point.hasPrefix("after \($0)") }
            }
            for number in 1...writes {
                try await body(
                    run, try await run.before.copy(), FullDisk(from: number),
                    Comment(rawValue: "write \(number)"))
            }
        }
    }

    @Test("loses nothing of what people had put on record: not even that they ended the ceremony")
    func interjections() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        // The first is the exhibit's file, and this its line.
        let disk = FullDisk(from: 2)
        let engine = try Engine(
            opening: Ports(
                folder: FullFolder(inner: room.folder, disk: disk), hsm: room.hsm, kms: room.kms,
                environment: room.environment, memory: room.memory, clock: room.clock, progress: room.refusals,
                attendance: room.speakers))
        room.speakers.say(
            .exhibit(by: "wendy", name: "seal.txt", what: "the seal", bytes: [1]),
            .abort(by: "ada", reason: "the room is on fire"))
        await #expect(throws: NoSpace.self) { try await engine.run() }
        disk.makeRoom()
        _ = try await engine.run()
        let record = await engine.record
        #expect(record.exhibits.map(\.name) == ["seal.txt"] && record.aborted?.by == "ada")
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }
}

/// What a write to a full disk ends with.
private struct NoSpace: Error {}

/// Takes so many writes, and no more.
private final class FullDisk: Sendable {
    private let left: Mutex<Int>

    /// - Parameter number: The first write that fails, counted from 1.
    init(from number: Int) { left = Mutex(number - 1) }

    func ports(of room: CutRoom) throws -> Ports {
        try room.ports(
            FullFolder(inner: room.folder, disk: self), FullMemory(inner: room.memory, disk: self))
    }

    func makeRoom() { left.withLock { $0 = .max } }

    func take() throws {
        try left.withLock { left in
            guard left > 0 else { throw NoSpace() }
            left -= 1
        }
    }
}

/// A folder on it. A file is put in place whole or not at all; of what is appended a part gets there.
private struct FullFolder: FolderPort {
    let inner: MemoryFolder
    let disk: FullDisk

    func read(_ path: String) throws -> [UInt8] { try inner.read(path) }
    func files() throws -> [String] { try inner.files() }
    func truncate(_ path: String, to size: Int) throws { try inner.truncate(path, to: size) }
    func remove(_ path: String) throws { try inner.remove(path) }
    func removePartials() throws {}
    func requireWritable(_ path: String) throws {}
    func exclusively(at path: String, _ body: () throws -> Void) throws { try body() }

    func write(_ bytes: [UInt8], to path: String) throws {
        try disk.take()
        try inner.write(bytes, to: path)
    }

    func append(_ bytes: [UInt8], to path: String) throws {
        do { try disk.take() } catch {
            try inner.append(Array(bytes.prefix(bytes.count / 2)), to: path)
            throw error
        }
        try inner.append(bytes, to: path)
    }
}

private struct FullMemory: MemoryPort {
    let inner: MemoryOfSightings
    let disk: FullDisk

    func recall(_ ceremony: String) throws -> [Sighting] { try inner.recall(ceremony) }
    func requireWritable() throws {}

    func remember(_ sighting: Sighting) throws {
        try disk.take()
        try inner.remember(sighting)
    }
}
