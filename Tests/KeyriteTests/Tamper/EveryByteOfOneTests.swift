import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// `KEYRITE_EVERY_BYTE` has every byte changed, which takes hours, or a piece of them: `3/16` is every 16th, from the third on.
/// Without it, every 8000th, from another first one in each run.
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
            let copy = TamperedFolder(ceremony: held, folder: held.folder, anchor: held.roster)
            try await copy.expectVerdict("VERIFIED")
            var (before, asked) = (0, 0)
            for path in try held.folder.files().sorted() {
                let whole = try held.folder.read(path)
                for index in whole.indices where (before + index) % Self.piece.count == Self.piece.number - 1 {
                    try await copy.expectRefusal(changing: index, of: path)
                    asked += 1
                }
                try held.folder.write(whole, to: path)
                before += whole.count
            }
            try await copy.expectVerdict("VERIFIED")
            print("\(asked) of \(before) bytes were changed, one at a time")
        }
    }
}

extension TamperedFolder {
    /// Both refuse the folder when one bit of this byte is another, and name the same place.
    fileprivate func expectRefusal(changing index: Int, of path: String) async throws {
        let whole = try folder.read(path)
        let bit = UInt8(1) << UInt8.random(in: 0..<8)
        try change(path) { $0[index] ^= bit }
        let (ours, script) = (try keyriteVerify(), try await shellVerify())
        #expect(ours.word == "REFUSED", "\(path), byte \(index), bit \(bit): \(ours)")
        #expect(
            (ours.word, ours.place) == (script.word, script.place),
            "\(path), byte \(index), bit \(bit): \(ours) / \(script)")
        try folder.write(whole, to: path)
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
