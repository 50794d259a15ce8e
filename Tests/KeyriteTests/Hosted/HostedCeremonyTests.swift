import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("Ceremonies whose HSM a child process holds", .timeLimit(.minutes(20)))
struct HostedCeremonyTests {
    private static func with(_ body: (CeremonyRoom) async throws -> Void) async throws {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let room = try await RehearsalSite.build(
                    at: base.path + "/room", program: try CeremonyRoom.program(), hostsModule: true)
                defer { room.stop() }
                try await room.seedExternalKey(alias: CeremonyRoom.alias)
                try await body(CeremonyRoom(base: base, room: room))
            }
        }
    }

    @Test("one is held to its end, and its evidence verifies; the plan binds the module itself")
    func held() async throws {
        try await Self.with { room in
            try await room.holdCeremony()
            let record = try room.record()
            #expect(record.closed)
            guard case .library(let module, _, _, _) = room.room.site.module else {
                Issue.record("the site names no library")
                return
            }
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: module)))
            #expect(record.plan.environment.module == SHA256Digest(of: bytes))
            let verified = try await CeremonyRoom.keyrite([
                "verify", room.ceremony, "--roster", room.rosterDigest,
            ])
            #expect(verified.status == 0, "\(verified.stdoutText)")
        }
    }

    @Test("the doctor finds the same HSM, with the library in its own process")
    func doctor() async throws {
        try await Self.with { room in
            let doctor = try await CeremonyRoom.keyrite(["doctor", "--site", room.room.siteFile])
            #expect(doctor.status == 0, "\(doctor.stdoutText)\(doctor.stderrText)")
            #expect(doctor.stdoutText.contains("keyrite-hsm"))
        }
    }

    @Test("a killed ceremony takes its child with it, which never had its credentials, and goes on")
    func killed() async throws {
        try await Self.with { room in
            try await room.plan()
            let ceremony = Process()
            ceremony.executableURL = URL(filePath: try CeremonyRoom.program())
            ceremony.arguments = ["run", room.ceremony, "--site", room.room.siteFile, "--stop-each"]
            ceremony.environment = ["PATH": "/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "none", "VENDOR_CONFIG": "/v"]
            ceremony.standardInput = FileHandle.nullDevice
            ceremony.standardError = FileHandle.nullDevice
            try ceremony.run()
            let pid = ceremony.processIdentifier
            defer { if ceremony.isRunning { kill(pid, SIGKILL) } }
            var child: Int32?
            try await Patience.until {
                try #require(ceremony.isRunning)
                guard ProcessMemory.state(of: pid) == "T" else { return false }
                child = ProcessMemory.children(of: pid).first
                if child == nil { kill(pid, SIGCONT) }
                return child != nil
            }
            let host = try #require(child)
            let names = try KernelFile.text("/proc/\(host)/environ").split(separator: "\0").map {
                $0.prefix { $0 != "=" }
            }
            #expect(names.contains("SOFTHSM2_CONF") && names.contains("VENDOR_CONFIG"))
            #expect(!names.contains { $0.hasPrefix("AWS_") })
            kill(pid, SIGKILL)
            try await Patience.untilGone(host)
            try await Patience.until { !ceremony.isRunning }
            let resumed = try await room.run()
            #expect(resumed.status == 3, "\(resumed.stderrText)")
        }
    }
}
