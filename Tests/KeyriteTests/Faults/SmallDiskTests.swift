import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// The program, with its ceremony folder on a real disk that has room for no more, or for a little.
@Suite(
    "A ceremony on a disk that is full again and again",
    .enabled("the kernel lets nobody here mount anything: unshare --mount is refused") {
        try await runProcess(["unshare", "--mount", "true"]).status == 0
    }, .timeLimit(.minutes(60)))
struct SmallDiskTests {
    @Test("each write that needs room meets it; with a page more it goes on from there, and has every effect once")
    func everyWriter() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            // What is left: files, and pages of 4 KiB.
            var (files, pages) = (0, 0)
            var full: Set<String> = []
            for attempt in 1...150 {
                let before = try state(of: room)
                let outcome = try await run(room, files: files, pages: pages)
                let said = outcome.stderrText
                if outcome.status == 0 { break }
                try #require(attempt < 150, "\(said)")
                if outcome.status == 3, !said.contains("errno 28") {
                    try await room.approveHere(try #require(try room.record().gates.open?.statement.gate))
                    continue
                }
                let refused = said.firstMatch(
                    of: #/cannot [a-z ]+ \S+\/there\/(\S+): No space left on device \(errno 28\)/#)
                try #require([1, 3].contains(outcome.status) && refused != nil, "\(outcome.status): \(said)")
                #expect(said.contains("Make room on that disk, then run the command again"), "\(said)")
                refused.map { _ = full.insert(String($0.1.prefix { $0 != "/" && $0 != "." })) }
                guard try state(of: room) == before else { continue }
                if files <= pages { files += 1 } else { pages += 1 }
            }
            #expect(full.isSuperset(of: ["transcript", "statements", "tokens", "wrapped"]), "\(full)")
            let kinds = try room.record().transcript.lines.map(\.event.kind)
            let effects: [EventKind] = [.generated, .wrapped, .imported, .proved, .rotated, .settled, .closed]
            #expect(effects.map { kind in kinds.count { $0 == kind } } == effects.map { _ in 1 })
            #expect(try await room.effects() == ["ImportKeyMaterial": 2, "RotateKeyOnDemand": 1])
            try await room.expectBothHold()
        }
    }

    /// Runs the program on a copy of the folder, on a disk with room for so many files and pages more, and takes what is there afterwards for the
    /// folder.
    private func run(_ room: CeremonyRoom, files: Int, pages: Int) async throws -> ProcessOutcome {
        let there = room.base.path + "/there"
        try FileManager.default.createDirectory(atPath: there, withIntermediateDirectories: true)
        let script = """
            set -e
            mount -t tmpfs -o size=64m none "$1"
            cp -a "$2/." "$1"
            used=$(df -k --output=used "$1" | tail -n 1)
            files=$(df --output=iused "$1" | tail -n 1)
            mount -o "remount,nr_inodes=$((files + $3)),size=$((used + 4 * $4))k" "$1"
            status=0
            "$5" run "$1" --site "$6" || status=$?
            rm -r "$2"
            cp -a "$1" "$2"
            exit $status
            """
        return try await runProcess(
            "unshare",
            [
                "--mount", "sh", "-c", script, "sh", there, room.ceremony, "\(files)", "\(pages)",
                try CeremonyRoom.program(),
                room.room.siteFile,
            ])
    }

    /// How far it came: what the folder has, but for the lines that say that a run was started.
    private func state(of room: CeremonyRoom) throws -> [String: Int] {
        let folder = try DiskFolder(at: room.ceremony)
        let files = try folder.files().filter { !$0.hasSuffix(".partial") && $0 != Transcript.path }
        var state = try Dictionary(uniqueKeysWithValues: files.map { ($0, try folder.read($0).count) })
        let lines = try Transcript(parsingWholeLinesOf: folder.readIfPresent(Transcript.path) ?? []).lines
        state[Transcript.path] = lines.count { $0.event.kind != .runStarted }
        return state
    }
}
