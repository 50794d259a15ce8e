import Ceremony
import Disk
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("A ceremony folder on disk")
struct DiskFolderTests {
    @Test("one run alone holds the lock; when it lets go, the next may have it")
    func lock() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            var lock: FolderLock? = try folder.lock()
            let error = #expect(throws: CeremonyError.self) { try DiskFolder(at: scratch.path).lock() }
            #expect(error?.what.contains("Another keyrite run") == true)
            // A child that is being started has such copies until it runs its program.
            let copies = try DescriptorCopies(of: scratch.path)
            #expect(copies.count > 1)
            withExtendedLifetime(lock) {}
            lock = nil
            _ = try folder.lock()
            withExtendedLifetime(copies) {}
        }
    }

    @Test("the lock holds against another process, and ends with it")
    func lockOfAnotherProcess() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            let taken = try folder.lock()
            let refused = try await runProcess("flock", ["-n", scratch.path, "true"])
            #expect(refused.status == 1)
            withExtendedLifetime(taken) {}
        }
    }

    @Test("a folder that a copy takes the place of while it is locked is written to no more, and neither is the copy")
    func replaced() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder.create(at: scratch.path + "/w1")
            try folder.append([1], to: "log")
            let lock = try folder.lock()
            let copied = try await runProcess(
                "sh", ["-c", "mv w1 w1.bak && cp -a w1.bak w1"], directory: scratch)
            #expect(copied.status == 0)
            // The copy is another folder, with a lock of its own.
            let other = try DiskFolder(at: folder.root).lock()
            for write in [
                { try folder.append([2], to: "log") }, { try folder.write([2], to: "file") },
                { try folder.truncate("log", to: 0) }, { try folder.remove("log") }, { try folder.removePartials() },
            ] as [() throws -> Void] {
                let error = #expect(throws: CeremonyError.self) { try write() }
                #expect(error?.what.hasSuffix("it was moved or replaced") == true)
            }
            folder.discard()
            for name in ["w1", "w1.bak"] {
                let left = try DiskFolder(at: scratch.path + "/" + name)
                #expect(try left.files() == ["log"])
                #expect(try left.read("log") == [1])
            }
            withExtendedLifetime((lock, other)) {}
        }
    }

    @Test("a folder that was moved away is not written to, and none is made in its place")
    func movedAway() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder.create(at: scratch.path + "/w1")
            try FileManager.default.moveItem(atPath: folder.root, toPath: scratch.path + "/w2")
            let error = #expect(throws: CeremonyError.self) { try folder.write([1], to: "a/file") }
            #expect(error?.remedy.contains("Find out who moved it") == true)
            // Its files are not missing: they may be back in a moment.
            for read in [{ _ = try folder.read("roster.json") }, { _ = try RosterChain(reading: folder) }]
                as [() throws -> Void]
            {
                let unread = #expect(throws: CeremonyError.self) { try read() }
                #expect(unread?.remedy.contains("Find out who moved it") == true)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["w2"])
        }
    }

    @Test("a file system that other machines write to is told by its kind; one that FUSE has from a disk is none")
    func sharedFileSystems() async throws {
        let kinds: [(kind: String, isShared: Bool)] = [
            ("ext4", false), ("xfs", false), ("btrfs", false), ("tmpfs", false), ("overlay", false), ("vfat", false),
            ("exfat", false), ("fuseblk", false), ("nfs", true), ("nfs4", true), ("cifs", true), ("smb3", true),
            ("9p", false), ("virtiofs", false), ("fuse.sshfs", true), ("fuse.rclone", true), ("fuse", false),
        ]
        for (minor, (kind, isShared)) in kinds.enumerated() {
            // Such a name may stand in a path or in a source, too; and what is mounted may have optional fields.
            let mounts = """
                22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
                41 22 259:\(300 + minor) / /media/nfs\\040-\\040nfs rw,nosuid master:3 - \(kind) nfs:/cifs rw

                """
            let device = UInt64(259) << 8 | UInt64((300 + minor) & 0xff) | UInt64((300 + minor) & ~0xff) << 12
            #expect(SharedFileSystem.name(of: device, in: mounts) == (isShared ? kind : nil), "\(kind)")
            #expect(SharedFileSystem.name(of: 8 << 8 | 1, in: mounts) == nil)
            #expect(SharedFileSystem.name(of: 8 << 8 | 2, in: mounts) == nil)
        }
        try await withTemporaryFolder { try DiskFolder(at: $0.path).requireOwnDisk() }
    }

    @Test("a write replaces the whole file and leaves nothing else")
    func write() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            try folder.write(Array("a long first version".utf8), to: "a/b/file")
            try folder.write(Array("second".utf8), to: "a/b/file")
            #expect(try folder.read("a/b/file") == Array("second".utf8))
            #expect(try folder.files() == ["a/b/file"])
            let mode = try FileManager.default.attributesOfItem(atPath: scratch.path + "/a/b/file")[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
    }

    @Test("a file that cannot be put in place leaves what was there")
    func writeRefused() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            try folder.write([1], to: "taken/file")
            #expect(throws: DiskError.self) { try folder.write([2], to: "taken") }
            #expect(try folder.files() == ["taken/file"])
            #expect(try folder.read("taken/file") == [1])
        }
    }

    @Test("appended bytes follow, and are cut off where one says")
    func append() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            try folder.append([1, 2], to: "log")
            try folder.append([3], to: "log")
            #expect(try folder.read("log") == [1, 2, 3])
            try folder.truncate("log", to: 2)
            #expect(try folder.read("log") == [1, 2])
        }
    }

    @Test(
        "no path leads out of the folder",
        arguments: ["../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/.", "", "a/"])
    func escape(path: String) async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder.create(at: scratch.path + "/inner")
            #expect(throws: EvidenceError.self) { try folder.read(path) }
            #expect(throws: EvidenceError.self) { try folder.write([1], to: path) }
            #expect(throws: EvidenceError.self) { try folder.append([1], to: path) }
            #expect(throws: EvidenceError.self) { try folder.remove(path) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["inner"])
        }
    }

    @Test("a link is not followed: not read, not written through, not listed over")
    func links() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder.create(at: scratch.path + "/inner")
            try Data("secret".utf8).write(to: scratch.appending(path: "outside"))
            try FileManager.default.createSymbolicLink(
                atPath: folder.root + "/link", withDestinationPath: "../outside")
            #expect(throws: (any Error).self) { try folder.read("link") }
            #expect(throws: (any Error).self) { try folder.append([1], to: "link") }
            let error = #expect(throws: EvidenceError.self) { try folder.files() }
            #expect(error?.path == "link")
            #expect(try Data(contentsOf: scratch.appending(path: "outside")) == Data("secret".utf8))
        }
    }

    @Test("nobody waits for the other end of a pipe")
    func pipe() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder.create(at: scratch.path + "/inner")
            try #require(mkfifo(folder.root + "/pipe", 0o600) == 0)
            let error = #expect(throws: EvidenceError.self) { try folder.read("pipe") }
            #expect(error?.reason == "it is neither a file nor a folder")
            #expect(throws: (any Error).self) { try folder.append([1], to: "pipe") }
        }
    }

    @Test("a folder that is named by a link is the one that the link leads to")
    func namedByLink() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder.create(at: scratch.path + "/inner")
            try folder.write([1], to: "file")
            try FileManager.default.createSymbolicLink(
                atPath: scratch.path + "/link", withDestinationPath: "inner")
            for name in ["link", "link/"] {
                let named = try DiskFolder(at: scratch.path + "/" + name)
                #expect(named.root == folder.root)
                #expect(try named.read("file") == [1])
            }
        }
    }

    @Test("a folder that is a link leads nowhere either")
    func linkedFolder() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder.create(at: scratch.path + "/inner")
            let outside = try DiskFolder.create(at: scratch.path + "/outside")
            try outside.write([1], to: "file")
            try FileManager.default.createSymbolicLink(
                atPath: folder.root + "/sub", withDestinationPath: "../outside")
            #expect(throws: (any Error).self) { try folder.read("sub/file") }
            #expect(throws: (any Error).self) { try folder.write([2], to: "sub/file") }
            #expect(throws: (any Error).self) { try folder.append([2], to: "sub/file") }
            #expect(throws: (any Error).self) { try folder.remove("sub/file") }
            #expect(try outside.read("file") == [1])
        }
    }

    @Test("what a killed writer left half written is removed wherever it lies, and nothing else")
    func partials() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            try folder.write([1], to: "approvals/release-1/ben.json")
            try Data([2]).write(to: scratch.appending(path: "approvals/release-1/.carol.json.partial"))
            try Data([3]).write(to: scratch.appending(path: ".plan.json.partial"))
            try folder.removePartials()
            #expect(try folder.files() == ["approvals/release-1/ben.json"])
        }
    }

    @Test("what another process is still writing stays, until that process is gone")
    func partialBeingWritten() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            let partial = scratch.appending(path: ".ben.json.partial").path
            let writer = Process()
            writer.executableURL = URL(filePath: "/usr/bin/flock")
            writer.arguments = ["--no-fork", partial, "sh", "-c", "echo half > \(partial); exec sleep 600"]
            try writer.run()
            defer { kill(writer.processIdentifier, SIGKILL) }
            try await waitUntil { (try? folder.read(".ben.json.partial").isEmpty) == false }
            try folder.removePartials()
            #expect(try folder.files() == [".ben.json.partial"])
            kill(writer.processIdentifier, SIGKILL)
            try await waitUntil { !writer.isRunning }
            try folder.removePartials()
            #expect(try folder.files() == [])
        }
    }

    @Test("whoever writes is disturbed neither by a second writer of the file nor by somebody who removes what is left")
    func writersUndisturbed() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            let texts = (0..<2).map { [UInt8](repeating: UInt8($0), count: 10_000 * ($0 + 1)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for text in texts {
                    group.addTask { for _ in 0..<200 { try folder.write(text, to: "approvals/close-1/ben.json") } }
                }
                group.addTask { for _ in 0..<400 { try folder.removePartials() } }
                try await group.waitForAll()
            }
            #expect(texts.contains(try folder.read("approvals/close-1/ben.json")))
            #expect(try folder.files() == ["approvals/close-1/ben.json"])
        }
    }

    @Test("a missing file is named; removing it again is no error; a folder is not taken for one")
    func missing() async throws {
        try await withTemporaryFolder { scratch in
            let folder = try DiskFolder(at: scratch.path)
            let error = #expect(throws: EvidenceError.self) { try folder.read("plan.json") }
            #expect(error == EvidenceError("plan.json", "it is missing"))
            try folder.remove("plan.json")
            #expect(throws: DiskError.self) { try DiskFolder.create(at: scratch.path) }
            #expect(throws: DiskError.self) { try DiskFolder(at: scratch.path + "/none") }
        }
    }
}
