import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite(
    "A ceremony across an air gap, of two hosts with nothing between them but a medium",
    .enabled("the kernel lets nobody here be without a network: unshare --net is refused") {
        try await AirGapRoom.canIsolate()
    }, .timeLimit(.minutes(30)))
struct AirGapTests {
    @Test(
        "it is held to a verified end, whatever a medium brought in between: each other folder is refused with what differs"
    )
    func held() async throws {
        try await AirGapRoom.with { room in
            #expect(try await !room.reachesKMS(from: room.hsm))
            #expect(try await room.routes(on: room.hsm).isEmpty)
            #expect(try await room.reachesKMS(from: room.connected))
            #expect(try await !room.routes(on: room.connected).isEmpty)
            try await room.plan()
            try await expectWaiting(.authorize, room, room.connected)
            try await room.approve(.authorize, on: room.connected)

            try await expectCommandsRefused(room)
            // What the medium had at each hand-over; at first, what it brings from before the first.
            var old = [try room.keep(room.connected.ceremony, as: "0")]
            let first = try await handOver(1, room, from: room.connected)
            let others = try await otherCeremonies(room)
            try await expectWayOnFromALostHost(room)
            try await expectRefused(1, at: room.hsm, first, room, &old, others, and: Self.changesOfFirst)
            try room.carry(old[1], to: room.hsm)
            let unasked = try await room.run(on: room.hsm)
            #expect(unasked.status == 2)
            #expect(unasked.stderrText.contains("Give them with --words \"WORD WORD ...\""), "\(unasked.stderrText)")
            let second = try await handOver(2, room, from: room.hsm, hearing: first)

            try await expectRefused(2, at: room.connected, second, room, &old, others)
            try room.carry(room.hsm.ceremony, to: room.connected)
            try await expectWaiting(.release, room, room.connected, hearing: second)
            try await room.approve(.release, on: room.connected)
            let third = try await handOver(3, room, from: room.connected)

            try await expectRefused(3, at: room.hsm, third, room, &old, others, and: [Self.otherKey])
            try room.carry(room.connected.ceremony, to: room.hsm)
            let fourth = try await handOver(4, room, from: room.hsm, hearing: third)
            #expect(try DiskFolder(at: room.hsm.ceremony).files().contains("wrapped/\(AirGapRoom.slot)-import.cms"))

            try await expectRefused(4, at: room.connected, fourth, room, &old, others, and: Self.changesOfBlob)
            try room.carry(room.hsm.ceremony, to: room.connected)
            try await expectWaiting(.activate, room, room.connected, hearing: fourth)
            try await room.approve(.activate, on: room.connected)
            let fifth = try await handOver(5, room, from: room.connected)
            let certificate = try #require(try room.record(room.connected).plan.gap?.sealingDigest)
            #expect(try !SealingFolder(memory: room.connected.memory).has(certificate))

            try await expectRefused(5, at: room.hsm, fifth, room, &old, others)
            try room.carry(room.connected.ceremony, to: room.hsm)
            try await expectWaiting(.close, room, room.hsm, hearing: fifth)
            try await room.approve(.close, on: room.hsm)
            let closed = try await room.run(on: room.hsm)
            #expect(closed.status == 0, "\(closed.stderrText)")
            try await expectVerified(room)
        }
    }

    /// What is for the other host, and what would lose a ceremony that can go on.
    private func expectCommandsRefused(_ room: AirGapRoom) async throws {
        let host = room.connected
        for (arguments, words) in [
            (["host", "card", "--out", host.root + "/card"], "only the HSM side of an air gap"),
            (["host", "destroy-sealing-key", host.ceremony], "can still go on, and needs the key"),
        ] {
            let refused = try await room.keyrite(on: host, arguments + ["--site", host.siteFile])
            #expect(refused.status != 0, "\(arguments)")
            #expect(refused.stderrText.contains(words), "\(refused.stderrText)")
        }
    }

    /// While the folder is carried no abort can be put on record: what is to be done if it never comes back is said.
    private func expectWayOnFromALostHost(_ room: AirGapRoom) async throws {
        let host = room.connected
        let refused = try await room.keyrite(
            on: host, ["host", "destroy-sealing-key", host.ceremony, "--site", host.siteFile])
        let until = try room.record(host).plan.window.until
        #expect(refused.status == 1)
        #expect(
            refused.stderrText.contains(
                "If that host is lost for good, run this command again after \(until), when the plan's window is over"),
            "\(refused.stderrText)")
    }

    // MARK: What is said

    /// - Parameter words: What the other host showed when it handed over.
    private func expectWaiting(
        _ gate: Gate, _ room: AirGapRoom, _ host: AirGapRoom.Host, hearing words: String? = nil
    ) async throws {
        let waiting = try await room.run(on: host, words: words)
        try #require(
            waiting.status == 3 && waiting.stderrText.contains("The gate \(gate.rawValue), attempt 1, waits"),
            "\(waiting.stderrText)")
    }

    /// Runs a host up to a hand-over.
    ///
    /// - Returns: The words that it shows, as a person would write them down.
    private func handOver(
        _ number: Int, _ room: AirGapRoom, from host: AirGapRoom.Host, hearing words: String? = nil
    ) async throws -> String {
        let ended = try await room.run(on: host, words: words)
        let said = ended.stderrText
        try #require(ended.status == 3 && said.contains("Hand-over \(number): "), "\(said)")
        let shown = try #require(said.firstRange(of: "never on the medium:"))
        return String(said[shown.upperBound...])
    }

    // MARK: What a medium did

    /// Something that a medium did, and what the host says that gets it.
    struct Change: Sendable {
        /// On a copy of the folder that was handed over.
        let change: @Sendable (URL) throws -> Void
        /// Of what stands on standard error; SHA256 for any digest, N for counts of lines.
        let message: String
        /// The exit code: evidence that does not verify, as a rule.
        var status: Int32 = 4
    }

    private static let differs = "the folder is not as it was handed over: "
    private static let otherDigest = " has the SHA-256 SHA256, handed over was SHA256"

    /// What a medium can do at any hand-over.
    ///
    /// - Parameters:
    ///   - from: The host that handed it over.
    ///   - statement: A file that it carries.
    ///   - first: The hand-over that carried it first.
    ///   - older: The folder as it was two hand-overs before; the medium was not written since.
    private static func changes(
        of number: Int, from: String, statement: String, first: Int, older: String
    ) -> [Change] {
        let handover = "handovers/\(number).json"
        let isNew = first == number
        let other =
            isNew
            ? "\(handover): \(differs)\(statement)\(otherDigest)"
            : "\(statement): it is not the file that handovers/\(first).json lists"
        return [
            Change(change: { try flip(0, of: $0.appending(path: statement)) }, message: other),
            Change(change: { try shorten($0.appending(path: statement)) }, message: other),
            Change(
                change: { try FileManager.default.removeItem(at: $0.appending(path: statement)) },
                message: isNew ? "\(handover): \(differs)\(statement) is missing" : "\(statement): it is missing"),
            Change(
                change: { try Data("more".utf8).write(to: $0.appending(path: "more.txt")) },
                message: "\(handover): \(differs)more.txt was added"),
            Change(
                change: { try truncateLast(in: $0) },
                message:
                    "lines, and \(handover) hands over N: its end was lost on the way, or \(from) was stopped before it "
                    + "wrote it. Run keyrite run on \(from), in the folder there, until it shows the words; then carry that "
                    + "folder here, whole"),
            Change(change: { try flip(200, of: $0.appending(path: Transcript.path)) }, message: "transcript.jsonl:1: "),
            Change(
                change: { try flip(100, of: $0.appending(path: "\(handover).sig")) },
                message: "\(handover).sig: its signature does not hold"),
            Change(
                change: { try FileManager.default.removeItem(at: $0.appending(path: handover)) },
                message: "\(handover): it is missing"),
            number == 1
                ? Self.swapped(for: older, "It is the turn of office, which has not handed the folder over", status: 1)
                : Self.swapped(for: older, "transcript.jsonl: it went back in time: "),
        ]
    }

    private static let changesOfFirst = [
        Change(
            change: { try flip(50, of: $0.appending(path: "approvals/authorize-1/ben.json.sig")) },
            message: "approvals/authorize-1/ben.json.sig: it is not the file that the transcript recorded")
    ]

    /// The medium has another folder, which is all in order.
    private static func swapped(for folder: String, _ message: String, status: Int32 = 4) -> Change {
        Change(
            change: { target in
                try FileManager.default.removeItem(at: target)
                try FileManager.default.copyItem(atPath: folder, toPath: target.path)
            }, message: message, status: status)
    }

    private static let otherKey = Change(
        change: { try flip(100, of: $0.appending(path: "tokens/\(AirGapRoom.slot)-import.spki")) },
        message: "handovers/3.json: \(differs)tokens/\(AirGapRoom.slot)-import.spki\(otherDigest)")

    private static let changesOfBlob = [
        Change(
            change: { try flip(700, of: $0.appending(path: "wrapped/\(AirGapRoom.slot)-import.cms")) },
            message: "handovers/4.json: \(differs)wrapped/\(AirGapRoom.slot)-import.cms\(otherDigest)"),
        Change(
            change: { try shorten($0.appending(path: "wrapped/\(AirGapRoom.slot)-import.cms")) },
            message: "handovers/4.json: \(differs)wrapped/\(AirGapRoom.slot)-import.cms\(otherDigest)"),
        Change(
            change: {
                try FileManager.default.removeItem(at: $0.appending(path: "wrapped/\(AirGapRoom.slot)-import.cms"))
            },
            message: "handovers/4.json: \(differs)wrapped/\(AirGapRoom.slot)-import.cms is missing"),
    ]

    private static func flip(_ index: Int, of file: URL) throws {
        var bytes = [UInt8](try Data(contentsOf: file))
        bytes[index] ^= 1
        try Data(bytes).write(to: file)
    }

    /// Leaves out a file's last byte.
    private static func shorten(_ file: URL) throws {
        try Data(Data(contentsOf: file).dropLast()).write(to: file)
    }

    private static func truncateLast(in folder: URL) throws {
        let file = folder.appending(path: Transcript.path)
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).dropLast()
        try Data(lines.flatMap { $0 + [UInt8(ascii: "\n")] }).write(to: file)
    }

    /// Whatever a medium does with what was just handed over, the host that gets it refuses it.
    ///
    /// - Parameters:
    ///   - old: What it had before; what it has now is added.
    ///   - others: Folders of other ceremonies, by the side that they are for. Only their words are others.
    ///   - more: What it can do with this one.
    private func expectRefused(
        _ number: Int, at host: AirGapRoom.Host, _ words: String, _ room: AirGapRoom, _ old: inout [String],
        _ others: [Side: String], and more: [Change] = []
    ) async throws {
        let from = host.side == .hsm ? room.connected : room.hsm
        old.append(try room.keep(from.ceremony, as: "\(number)"))
        let (gate, first): (Gate, Int) = [
            (.authorize, 1), (.authorize, 1), (.release, 3), (.release, 3), (.activate, 5),
        ][number - 1]
        let changes = Self.changes(
            of: number, from: from.gap.host, statement: "statements/\(gate.rawValue)-1.json", first: first,
            older: old[max(0, number - 2)])
        let another = Self.swapped(
            for: try #require(others[host.side]),
            "is not that of this folder. They are to be those that \(from.gap.host) showed", status: 1)
        try await expectRefused(at: host, words, old[number], room, changes + more + [another])
    }

    /// Carries each changed folder to a host, which refuses it and leaves it as it is.
    private func expectRefused(
        at host: AirGapRoom.Host, _ words: String, _ folder: String, _ room: AirGapRoom, _ changes: [Change]
    ) async throws {
        let kept = try room.keep(folder, as: UUID().uuidString)
        for change in changes {
            try room.carry(kept, to: host)
            try change.change(URL(filePath: host.ceremony))
            let before = try snapshot(of: URL(filePath: host.ceremony))
            let refused = try await room.run(on: host, words: words)
            let said = refused.stderrText.replacing(#/\b[0-9a-f]{64}\b/#, with: "SHA256")
                .replacing(#/\d+(?= lines|: its end| when this)/#, with: "N")
            #expect(refused.status == change.status, "\(said)")
            #expect(said.contains(change.message), "\(said)")
            #expect(try snapshot(of: URL(filePath: host.ceremony)) == before)
        }
    }

    /// Holds two other ceremonies of the same two hosts, each up to a hand-over to another side, which never receives it.
    private func otherCeremonies(_ room: AirGapRoom) async throws -> [Side: String] {
        let mine = try room.keep(room.connected.ceremony, as: "mine")
        var others: [Side: String] = [:]
        for side in [Side.hsm, .connected] {
            try FileManager.default.removeItem(atPath: room.connected.ceremony)
            try await room.plan()
            try await expectWaiting(.authorize, room, room.connected)
            try await room.approve(.authorize, on: room.connected)
            let words = try await handOver(1, room, from: room.connected)
            if side == .connected {
                try room.carry(room.connected.ceremony, to: room.hsm)
                _ = try await handOver(2, room, from: room.hsm, hearing: words)
            }
            others[side] = try room.keep(room[side == .hsm ? .connected : .hsm].ceremony, as: "for-\(side.rawValue)")
        }
        try room.carry(mine, to: room.connected)
        return others
    }

    // MARK: The end

    private func expectVerified(_ room: AirGapRoom) async throws {
        let digest = SHA256Digest(of: [UInt8](try Data(contentsOf: URL(filePath: room.rosterFolder + "/roster.json"))))
        let verified = try await room.keyrite(
            on: room.hsm, ["verify", room.hsm.ceremony, "--roster", digest.hex, "--expect", "rehearsal"])
        #expect(verified.status == 0, "\(verified.stdoutText)\(verified.stderrText)")
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scripts/verify.sh").path
        let shell = try await runProcess(
            ["sh", script, room.hsm.ceremony, "--roster", digest.hex, "--expect", "rehearsal"])
        #expect(shell.status == 0, "\(shell.stdoutText)\(shell.stderrText)")
        #expect(shell.stdoutText == verified.stdoutText)
        let record = try room.record(room.hsm)
        #expect(record.closed && record.turns.received == 5 && record.turns.isSealingDestroyed)
        let names = try record.transcript.lines.map { try #require(record.plan.gap?.side(of: $0.host)) }
        #expect(Set(names) == [.hsm, .connected])
        #expect(try DiskFolder(at: room.hsm.ceremony).files().allSatisfy { !$0.hasPrefix("wrapped/") })
    }
}
