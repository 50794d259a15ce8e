import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("Ceremonies whose HSM a child process holds", .timeLimit(.minutes(60)))
struct HostedCeremonyTests {
    @Test("one is held to its end, and its evidence verifies; the plan binds the module itself")
    func held() async throws {
        try await CeremonyRoom.with(hostsModule: true) { room in
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

    @Test("one is held over what p11-kit's protocol does not carry: HMAC_224, RSA and EC keys")
    func otherKinds() async throws {
        let kinds: [KeySpec] = [.hmac224, .rsa2048, .p256]
        try await CeremonyRoom.with(hostsModule: true) { room in
            var text = """
                schema: keyrite.definition/1
                title: What only the library does
                windowHours: 24
                wrappingKeySpec: RSA_2048
                keys:

                """
            for (number, kind) in kinds.enumerated() {
                try await room.room.seedExternalKey(alias: "alias/key\(number)", keySpec: kind)
                text += "  - {alias: alias/key\(number), strategy: replace, proof: true}\n"
            }
            let definition = room.base.appending(path: "kinds.yaml")
            try Data(text.utf8).write(to: definition)
            try await room.plan(definition: definition.path)
            try await room.holdPlanned()
            #expect(try room.record().closed)
            #expect(try room.record().plan.slots.map(\.keySpec) == kinds)
            let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
            #expect(verified.status == 0, "\(verified.stdoutText)")
        }
    }

    @Test("the doctor finds the same HSM, with the library in its own process")
    func doctor() async throws {
        try await CeremonyRoom.with(hostsModule: true) { room in
            let doctor = try await CeremonyRoom.keyrite(["doctor", "--site", room.room.siteFile])
            #expect(doctor.status == 0, "\(doctor.stdoutText)\(doctor.stderrText)")
            #expect(doctor.stdoutText.contains("keyrite-hsm"))
        }
    }

    @Test("a killed ceremony takes its child with it, which never had its credentials, and goes on")
    func killed() async throws {
        try await CeremonyRoom.with(hostsModule: true) { room in
            try await room.plan()
            let (ceremony, _) = try Self.start(
                room, "--stop-each", environment: ["AWS_SECRET_ACCESS_KEY": "none", "VENDOR_CONFIG": "/v"])
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
            try Self.expectNoCredentials(in: host)
            kill(pid, SIGKILL)
            try await Patience.untilGone(host)
            try await Patience.until { !ceremony.isRunning }
            let resumed = try await room.run()
            #expect(resumed.status == 3, "\(resumed.stderrText)")
        }
    }

    private static func expectNoCredentials(in host: Int32) throws {
        // It shows its environment to nobody else.
        guard geteuid() == 0 else { return }
        let variables = try KernelFile.text("/proc/\(host)/environ").split(separator: "\0")
        let names = variables.map { $0.prefix { $0 != "=" } }
        #expect(names.contains("SOFTHSM2_CONF") && names.contains("VENDOR_CONFIG"))
        #expect(!names.contains { $0.hasPrefix("AWS_") })
    }

    @Test("a child that dies within a step fails the step; the next run looks what did happen, and goes on")
    func childKilled() async throws {
        try await CeremonyRoom.with(hostsModule: true) { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            try await room.approve(.authorize)
            try await Self.expectRun(room, toFailAt: "self-test")
            #expect(try room.record().slots.values.allSatisfy { $0.generated == nil })
            #expect(try await room.run().status == 3)
            try await room.approve(.release)
            try await Self.expectRun(room, toFailAt: "wrap")
            #expect(try await room.run().status == 3)
            #expect(try room.record().slots.values.allSatisfy { $0.imported != nil })
        }
    }

    /// Kills the child in the first wrap that it is asked for.
    private static func expectRun(_ room: CeremonyRoom, toFailAt call: String) async throws {
        let (ceremony, errors) = try start(room, environment: ["KEYRITE_REHEARSAL_PAUSE_IN_WRAP": "1"])
        defer { if ceremony.isRunning { kill(ceremony.processIdentifier, SIGKILL) } }
        try await Patience.until {
            try #require(ceremony.isRunning)
            let paused = ProcessMemory.children(of: ceremony.processIdentifier)
                .first { ProcessMemory.state(of: $0) == "T" }
            if let paused { kill(paused, SIGKILL) }
            return paused != nil
        }
        try await Patience.until { !ceremony.isRunning }
        let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(ceremony.terminationStatus == 1)
        #expect(
            said.hasSuffix(
                "keyrite: The process that holds the HSM's module did not answer \(call): it was ended by signal 9. "
                    + "Whether that had its effect is not known. Run again: it looks first at what did happen\n"),
            "\(said)")
    }

    /// Starts `keyrite run`.
    private static func start(
        _ room: CeremonyRoom, _ more: String..., environment: [String: String]
    ) throws -> (Process, errors: Pipe) {
        let (ceremony, errors) = (Process(), Pipe())
        ceremony.executableURL = URL(filePath: try CeremonyRoom.program())
        ceremony.arguments = ["run", room.ceremony, "--site", room.room.siteFile] + more
        ceremony.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
        ceremony.standardInput = FileHandle.nullDevice
        ceremony.standardError = errors
        try ceremony.run()
        return (ceremony, errors)
    }
}
