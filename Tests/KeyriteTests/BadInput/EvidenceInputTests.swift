import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("What was done to a ceremony folder", .timeLimit(.minutes(60)))
struct EvidenceInputTests {
    private static let remedy =
        ". Do not go on with this folder before it is found out; restore the file as it was"

    @Test("a plan changed by a byte, before and after people saw it")
    func changedPlan() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            let plan = room.ceremony + "/plan.json"
            let bytes = try Data(contentsOf: URL(filePath: plan))
            try (bytes + Data([10])).write(to: URL(filePath: plan))
            try await everyone(
                in: room,
                complains: Complaint(
                    4,
                    "keyrite: plan.json: it is no plan in canonical form; at $ (byte \(bytes.count)): bytes follow the end "
                        + "of the document\(Self.remedy)"
                ))
            try bytes.write(to: URL(filePath: plan))
            try #require(try await room.run().status == 3)
            let text = String(decoding: bytes, as: UTF8.self)
            let changed = text.replacing("A test on", with: "A tesT on")
            try #require(changed != text, "the title is in the plan")
            try Data(changed.utf8).write(to: URL(filePath: plan))
            try await everyone(
                in: room,
                complains: Complaint(
                    4, "keyrite: plan.json: the transcript was written under another plan\(Self.remedy)"))
        }
    }

    @Test("an approval for another gate, and one for another ceremony, do not count and stop nothing")
    func otherApprovals() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try #require(try await room.run().status == 3)
            try await room.approve(.authorize)
            try #require(try await room.run().status == 3)
            let folder = try DiskFolder(at: room.ceremony)
            for suffix in ["", ".sig"] {
                try folder.write(
                    try folder.read("approvals/authorize-1/ben.json" + suffix),
                    to: "approvals/release-1/ben.json" + suffix)
            }
            let waiting = Complaint(
                3,
                "approvals/release-1/ben.json does not count: it was made for the gate authorize. Whoever made it decides at "
                    + "the gate that is open\n"
                    + "The gate release, attempt 1, waits for 2 custodians.")
            #expect(Complaint(try await room.run(), base: room.base) == waiting)

            let other = CeremonyRoom(base: room.base.appending(path: "other"), room: room.room)
            try FileManager.default.createDirectory(at: other.base, withIntermediateDirectories: false)
            try await other.plan()
            try #require(try await other.run().status == 3)
            let ceremony = try CanonicalJSON.decode(Plan.self, from: try folder.read(Plan.path)).ceremony
            for suffix in ["", ".sig"] {
                try DiskFolder(at: other.ceremony).write(
                    try folder.read("approvals/authorize-1/ben.json" + suffix),
                    to: "approvals/authorize-1/ben.json" + suffix)
            }
            #expect(
                Complaint(try await other.run(), base: room.base)
                    == Complaint(
                        3,
                        "approvals/authorize-1/ben.json does not count: it was made for the ceremony \(ceremony). Bring it to the "
                            + "ceremony it is for; here, whoever made it decides anew\n"
                            + "The gate authorize, attempt 1, waits for 2 custodians."))
            // They are replaced by what people do sign.
            try await room.approve(.release, as: "ben")
            #expect(
                Complaint(try await room.run(), base: room.base)
                    == Complaint(3, "The gate release, attempt 1, waits for 1 custodian."))
        }
    }

    @Test("a plan whose window is over is not carried out")
    func expired() async throws {
        try await CeremonyRoom.with { room in
            let folder = try DiskFolder.create(at: room.ceremony)
            let real = try room.room.site.ports(folder: folder, progress: Unwatched())
            let ports = Ports(
                folder: folder, hsm: real.hsm, kms: real.kms, environment: real.environment, memory: real.memory,
                clock: PastClock(), progress: real.progress, attendance: real.attendance)
            let definition = Definition(
                title: "Yesterday's", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: CeremonyRoom.alias, strategy: .rotate, proof: true)])
            _ = try await Planner(ports: ports).freeze(
                definition, rosterFiles: try room.room.rosterFiles)
            try await Task.sleep(for: .seconds(5))
            let before = try snapshot(of: room.base)
            let said = Complaint(try await room.run(), base: room.base)
            #expect(
                said
                    == Complaint(
                        2,
                        "keyrite: plan.json: it is TIME, outside its window TIME to TIME. "
                            + "Check this host's clock; if it is right, freeze a new plan"))
            let status = try await CeremonyRoom.keyrite(["status", room.ceremony])
            let until = try FrozenCeremony(reading: folder).plan.window.until
            #expect(status.status == 0)
            #expect(
                status.stdoutText.hasSuffix(
                    "The plan's window is over since \(until): nothing is done or signed in this ceremony any more, and it stays "
                        + "unclosed. Next: ada with a new plan.\n"), "\(status.stdoutText)")
            let json = try await CeremonyRoom.keyrite(["status", room.ceremony, "--format", "json"])
            #expect(
                json.stdoutText.contains(#""windowOver":{"leftBehind":[],"since":"\#(until)"}"#), "\(json.stdoutText)")
            #expect(json.stdoutText.contains(#""run":false"#))
            #expect(try snapshot(of: room.base) == before)
        }
    }

    @Test("a disk that is full while a ceremony runs, and a folder that turned read-only, stop it; then it goes on")
    func fullDisk() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try #require(try await room.run().status == 3)
            for name in ["ben", "dan"] { try await room.approve(.authorize, as: name) }
            let program = try CeremonyRoom.program()
            let (folder, site) = (room.base.path + "/disk/ceremony", room.room.siteFile)
            // dd ends with an error, since that is when the disk is full.
            let script = """
                cd \(room.base.path) && mkdir disk && mount -t tmpfs -o size=1m none disk && cp -a ceremony disk || exit 99
                mount -o remount,ro disk || exit 96
                \(program) approve \(folder) --gate authorize --as carol --site \(site) --auto; echo "approve $?"
                mount -o remount,rw disk || exit 95
                dd if=/dev/zero of=disk/fill bs=4096 2>/dev/null
                \(program) approve \(folder) --gate authorize --as carol --site \(site) --auto; echo "approve $?"
                ls -A disk/ceremony/approvals/authorize-1
                \(program) run \(folder) --site \(site); echo "run $?"
                rm disk/fill
                mount -o remount,ro disk || exit 98
                \(program) run \(folder) --site \(site); echo "run $?"
                mount -o remount,rw disk || exit 97
                \(program) run \(folder) --site \(site) 2>&1; echo "run $?"
                """
            let outcome = try await runProcess(
                "/usr/bin/unshare", (geteuid() == 0 ? ["-m"] : ["-rm"]) + ["/bin/sh", "-c", script],
                environment: ["PATH": "/usr/bin:/bin"])
            #expect(
                Complaint(outcome, base: room.base)
                    == Complaint(
                        0,
                        """
                        keyrite: cannot write in BASE/disk/ceremony/approvals/authorize-1: Read-only file system (errno 30). See who may write there, or choose another place
                        keyrite: cannot write BASE/disk/ceremony/approvals/authorize-1/.carol.json.partial: No space left on device (errno 28). Make room on that disk, then run the command again. What carol decided at authorize did not get into the folder whole: unless keyrite status shows it, it counts for nothing, and carol is asked and signs again. Nothing else was changed
                        keyrite: cannot write BASE/disk/ceremony/transcript.jsonl: No space left on device (errno 28). Make room on that disk, then run the command again
                        The ceremony stands where it was. Run again once that is mended: it looks first at what did happen.
                        keyrite: cannot open BASE/disk/ceremony/transcript.jsonl: Read-only file system (errno 30). See who may write there, or choose another place
                        The ceremony stands where it was. Run again once that is mended: it looks first at what did happen.
                        """))
            #expect(
                outcome.stdoutText == """
                    approve 2
                    approve 1
                    ben.json
                    ben.json.sig
                    dan.json
                    dan.json.sig
                    run 1
                    run 2
                    The gate release, attempt 1, waits for 2 custodians.
                    run 3

                    """)
        }
    }

    @Test(
        "where a machine's memory is read-only, nobody is sent to another, which remembers nothing; writable, it goes on"
    )
    func readOnlyMemory() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try #require(try await room.run().status == 3)
            let (memory, site, program) = (room.room.site.memory, room.room.siteFile, try CeremonyRoom.program())
            let approve = "\(program) approve \(room.ceremony) --gate authorize --as ben --site \(site) --auto"
            let script = """
                mount --bind \(memory) \(memory) && mount -o remount,ro,bind \(memory) || exit 99
                \(approve); echo "approve $?"
                \(program) run \(room.ceremony) --site \(site); echo "run $?"
                mount -o remount,rw,bind \(memory) || exit 98
                \(approve) >/dev/null 2>&1; echo "approve $?"
                """
            let outcome = try await runProcess(
                "/usr/bin/unshare", (geteuid() == 0 ? ["-m"] : ["-rm"]) + ["/bin/sh", "-c", script],
                environment: ["PATH": "/usr/bin:/bin"])
            #expect(outcome.stdoutText == "approve 1\nrun 1\napprove 0\n", "\(outcome.stderrText)")
            let said = outcome.stderrText.split(separator: "\n")
            #expect(said.count == 2)
            for line in said {
                #expect(
                    line.hasPrefix("keyrite: \(memory) cannot be written (cannot ")
                        && line.contains("Read-only file system (errno 30)): it is this machine's memory"), "\(line)")
                #expect(line.contains("Do not delete it and do not name an empty one in its place"), "\(line)")
            }
        }
    }

    /// What the three commands that open a folder say, which leave it as it is.
    private func everyone(in room: CeremonyRoom, complains expected: Complaint) async throws {
        let before = try snapshot(of: room.base)
        for command in [
            ["run", room.ceremony, "--site", room.room.siteFile],
            ["approve", room.ceremony, "--gate", "authorize", "--as", "ben", "--site", room.room.siteFile, "--auto"],
            ["status", room.ceremony],
        ] {
            let outcome = try await CeremonyRoom.keyrite(command)
            #expect(Complaint(outcome, base: room.base) == expected, "\(command[0])")
        }
        #expect(try snapshot(of: room.base) == before)
    }
}

/// Nearly an hour ago, when the plan was frozen: people's keys count in its window's last seconds.
private struct PastClock: ClockPort {
    func now() -> Timestamp { SystemClock().now().advanced(bySeconds: -3_597) }
    func wait(milliseconds: Int) async throws { try await SystemClock().wait(milliseconds: milliseconds) }
}
