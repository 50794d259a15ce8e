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
        try await SmallDisk.canMount()
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
                let outcome = try await SmallDisk(folder: room.ceremony).run(
                    try running(room), files: files, pages: pages)
                let said = outcome.stderrText
                if outcome.status == 0 { break }
                try #require(attempt < 150, "\(said)")
                if outcome.status == 3, !said.contains("errno 28") {
                    try await room.approveHere(try #require(try room.record().gates.open?.statement.gate))
                    continue
                }
                let refused = said.firstMatch(
                    of: #/cannot [a-z ]+ \S+\/ceremony\/(\S+): No space left on device \(errno 28\)/#)
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

    /// Whoever approves meets it too, in the ceremony's folder and in the memory of their own.
    @Test("an approval that finds no room counts for nothing, and is asked for again", arguments: [false, true])
    func approving(isMemory: Bool) async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try #require(try await room.run().status == 3)
            let disk = SmallDisk(folder: isMemory ? room.room.site.memory : room.ceremony)
            var met: Set<String> = []
            func refused(_ said: String, _ path: String) async throws {
                met.insert(path)
                #expect(said.contains(": No space left on device (errno 28)"), "\(said)")
                if isMemory {
                    #expect(said.contains("it is this machine's memory of what was signed and seen"), "\(said)")
                    #expect(said.contains("Nothing more was signed or done. Have it written as it is: "), "\(said)")
                } else {
                    #expect(said.contains("Make room on that disk, then run the command again"), "\(said)")
                }
                #expect(Self.saysNotKept(said) == (path.hasSuffix(".partial") && !isMemory), "\(path): \(said)")
                try await expectUnsigned(room)
            }
            let signed = try await disk.fill(try approving(room, as: "ben"), refused: refused)
            #expect(signed.status == 0, "\(signed.stderrText)")
            let expected = [".ben.json.partial", ".ben.json.sig.partial"].map { "approvals/authorize-1/" + $0 }
            #expect(isMemory ? !met.isEmpty : met.isSuperset(of: expected), "\(met)")
            try await room.approve(.authorize, as: "carol")
            let held = try await room.goOn()
            #expect(held.status == 0, "\(held.stderrText)")
            try await room.expectBothHold()
        }
    }

    private static func saysNotKept(_ said: String) -> Bool {
        said.contains(
            "What ben decided at authorize did not get into the folder whole: unless keyrite status shows it, it counts for "
                + "nothing, and ben is asked and signs again. Nothing else was changed")
    }

    /// From the end of settle: what is sealed, and the close.
    @Test("the close that finds no room leaves no manifest that is taken for whole, and ends when there is some")
    func closing() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try #require(try await room.goOn(until: .settle).status == 0)
            let disk = SmallDisk(folder: room.ceremony)
            var met: Set<String> = []
            func refused(_ said: String, _ path: String) async throws {
                met.insert(path)
                #expect(said.contains("Make room on that disk, then run the command again"), "\(said)")
                try await expectOpen(room)
            }
            let waiting = try await disk.fill(try running(room), refused: refused)
            try #require(waiting.status == 3, "\(waiting.stderrText)")
            let expected = [".MANIFEST.partial", "statements/.close-1.json.partial", "transcript.jsonl"]
            #expect(met == Set(expected), "\(met)")
            try await room.approveHere(.close)
            met = []
            let closed = try await disk.fill(try running(room), refused: refused)
            #expect(closed.status == 0, "\(closed.stderrText)")
            #expect(met == ["transcript.jsonl"], "\(met)")
            #expect(try room.record().closed)
            try await room.expectBothHold()
        }
    }

    // MARK: What is run

    private func running(_ room: CeremonyRoom) throws -> [String] {
        [try CeremonyRoom.program(), "run", room.ceremony, "--site", room.room.siteFile]
    }

    private func approving(_ room: CeremonyRoom, as name: String) throws -> [String] {
        [
            try CeremonyRoom.program(), "approve", room.ceremony, "--gate", "authorize", "--as", name, "--site",
            room.room.siteFile, "--auto",
        ]
    }

    // MARK: What is there

    /// Whoever looks at the folder sees nobody's approval.
    private func expectUnsigned(_ room: CeremonyRoom) async throws {
        let shown = try StatusReport(
            try await CeremonyRoom.keyrite(["status", room.ceremony, "--format", "json"]))
        #expect(shown.next.gate == "authorize" && shown.next.signed.isEmpty, "\(shown.next)")
        #expect(try DiskFolder(at: room.ceremony).files().allSatisfy { !$0.hasPrefix("approvals/") })
    }

    /// Both verifiers find in order what is there, but for the statement's file that found no room, and the ceremony not closed.
    private func expectOpen(_ room: CeremonyRoom) async throws {
        let options = ["--roster", room.rosterDigest, "--expect", "rehearsal"]
        let ours = try await CeremonyRoom.keyrite(["verify", room.ceremony] + options)
        let script = try await runProcess("dash", [TamperedFolder.script, room.ceremony] + options)
        let verdicts = [ours, script].map { outcome in
            outcome.stdoutText.split(separator: "\n").first { $0.hasPrefix("NOT CLOSED") || $0.hasPrefix("REFUSED") }
        }
        let allowed = [
            "NOT CLOSED: what there is holds, but nothing seals it yet.",
            "REFUSED: statements/close-1.json: it is missing",
        ]
        #expect(ours.status == 4 && script.status == 4)
        #expect(verdicts[0] == verdicts[1], "\(ours.stdoutText)\(script.stdoutText)")
        #expect(verdicts[0].map { allowed.contains(String($0)) } == true, "\(ours.stdoutText)")
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
