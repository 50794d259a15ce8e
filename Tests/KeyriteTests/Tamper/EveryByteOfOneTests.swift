import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// `KEYRITE_EVERY_BYTE` has every byte changed, for which `scripts/test --long` takes an hour or two, or a piece of them: `3/16` is
/// every 16th, from the third on. Without it, every 8000th, from another first one in each run.
@Suite("Every byte of every file of the smallest ceremony counts", .serialized)
struct EveryByteOfOneTests {
    /// Which piece of how many is asked for.
    private static let piece: (number: Int, count: Int) = {
        guard let value = ProcessInfo.processInfo.environment["KEYRITE_EVERY_BYTE"] else {
            return (Int.random(in: 1...8000), 8000)
        }
        let parts = value.split(separator: "/").compactMap { Int($0) }
        guard parts.count == 2, parts[1] > 0, 1...parts[1] ~= parts[0] else { return (1, 1) }
        return (parts[0], parts[1])
    }()

    @Test("a changed byte is refused by verify.sh and keyrite, at the same place, whichever it is")
    func everyByte() async throws {
        try await withTemporaryFolder { base in
            let held = try await RehearsedCeremony.smallest(at: base.appending(path: "r"))
            defer { held.room.stop() }
            let all = try TamperedFolder(ceremony: held, folder: held.folder, anchor: held.roster).bytes
            let wanted = stride(from: Self.piece.number - 1, to: all.count, by: Self.piece.count).map { all[$0] }
            try await withThrowingTaskGroup { group in
                let lanes = ProcessInfo.processInfo.activeProcessorCount
                for lane in 0..<lanes {
                    let share = stride(from: lane, to: wanted.count, by: lanes).map { wanted[$0] }
                    let copy = try TamperedFolder(ceremony: held, copiedTo: base.appending(path: "\(lane)"))
                    group.addTask { try await copy.expectRefusal(changing: share) }
                }
                try await group.waitForAll()
            }
            print("\(wanted.count) of \(all.count) bytes were changed, one at a time")
        }
    }
}

/// A byte of a folder's file.
private struct PlacedByte {
    let path: String
    let index: Int
}

extension TamperedFolder {
    fileprivate init(ceremony: RehearsedCeremony, copiedTo folder: URL) throws {
        try FileManager.default.copyItem(atPath: ceremony.folder.root, toPath: folder.path)
        self.init(ceremony: ceremony, folder: try DiskFolder(at: folder.path), anchor: ceremony.roster)
    }

    /// All that there are.
    fileprivate var bytes: [PlacedByte] {
        get throws {
            try folder.files().sorted().flatMap { path in
                try folder.read(path).indices.map { PlacedByte(path: path, index: $0) }
            }
        }
    }

    /// Both refuse the folder when one bit of one of these bytes is another, and name the same place.
    fileprivate func expectRefusal(changing bytes: [PlacedByte]) async throws {
        try await expectVerdict("VERIFIED")
        for byte in bytes {
            let whole = try folder.read(byte.path)
            let bit = UInt8(1) << UInt8.random(in: 0..<8)
            try change(byte.path) { $0[byte.index] ^= bit }
            let (ours, script) = (try keyriteVerify(), try await shellVerify())
            let comment = Comment(rawValue: "\(byte.path), byte \(byte.index), bit \(bit): \(ours) / \(script)")
            #expect(ours.word == "REFUSED", comment)
            #expect((ours.word, ours.place) == (script.word, script.place), comment)
            try folder.write(whole, to: byte.path)
        }
        try await expectVerdict("VERIFIED")
    }
}

extension RehearsedCeremony {
    /// Deletes the material of one key: one custodian at every gate, and a witness who puts something on record.
    fileprivate static func smallest(at root: URL) async throws -> RehearsedCeremony {
        let held = try await hold(at: root, rosters: smallestRoster) { room in
            let alias = "alias/stopped"
            try await room.seedExternalKey(alias: alias)
            return [
                DefinedKey(
                    alias: alias, strategy: .revoke, proof: false, material: try await room.currentMaterial(of: alias))
            ]
        }
        let roster = try held.folder.read(Roster.path)
        return RehearsedCeremony(room: held.room, folder: held.folder, roster: SHA256Digest(of: roster))
    }

    private static func smallestRoster(of room: RehearsalSite) async throws -> [String: [UInt8]] {
        let members = try Roster(json: room.rosterBytes).members.filter { ["ada", "ben", "wendy"].contains($0.name) }
        let one = [GateRequirement(role: .custodian, count: 1)]
        let roster = Roster(
            mode: .rehearsal, members: members,
            rules: GateRules(authorize: one, release: one, activate: one, close: one, change: one))
        let bytes = try roster.json()
        var files = [Roster.path: bytes]
        for member in members {
            files[Roster.acceptancePath(of: member)] = try await room.site.signer(of: member.name).sign(
                bytes, namespace: roster.mode.rosterNamespace)
        }
        return files
    }
}
