import Foundation
import Glibc
import PKCS11
import Processes
import Room
import TestSupport
import Testing

@Suite("The process that holds an HSM's module", .timeLimit(.minutes(60)))
struct HostProcessTests {
    /// A child, and the end by which it is called.
    private struct Host {
        let child: ChildProcess
        let channel: FrameChannel

        /// - Parameter command: Starts the program otherwise than directly.
        static func start(_ command: [String]? = nil) throws -> Host {
            let (channel, theirs) = try FrameChannel.pair()
            defer { close(theirs) }
            let child = try ChildProcess.spawnBlocking(
                try command ?? [CeremonyRoom.program(), "hsm-host"], environment: ["PATH": "/usr/bin:/bin"],
                output: "/dev/null", passing: theirs)
            return Host(child: child, channel: channel)
        }

        func begin(_ module: String = "/nowhere.so") throws {
            try channel.send(.begin, Array(#"{"module": "\#(module)", "token": "pkcs11:token=x"}"#.utf8))
            try #require(try channel.receive().kind == .ready)
        }

        /// How the child ends of itself, which is still called.
        func ending() async throws -> ProcessEnding? {
            try await Patience.until { !child.isRunning }
            return withExtendedLifetime(channel) { child.ending }
        }
    }

    @Test("is no command for people: not listed, and refused without the socket of its parent")
    func byHand() async throws {
        let program = try CeremonyRoom.program()
        let help = try await runProcess(program, ["--help"])
        #expect(help.status == 0)
        #expect(!help.stdoutText.contains("hsm-host"))
        let run = try await runProcess(program, ["hsm-host"])
        #expect(run.status == 2)
        #expect(
            run.stderrText == "keyrite: keyrite hsm-host is started by keyrite alone, and was not. "
                + "Name the library in the site, and use keyrite run\n")
    }

    @Test("serves its own parent alone, also when a socket was passed on")
    func parent() async throws {
        let host = try Host.start(["/bin/sh", "-c", "\(try CeremonyRoom.program()) hsm-host; exit $?"])
        #expect(throws: FrameError.ended) { try host.channel.receive() }
        #expect(try await host.ending() == .exited(status: 2))
    }

    @Test("ends when nobody is left to call it, also in the middle of a call that hangs", arguments: [false, true])
    func orphan(hangs: Bool) async throws {
        try await withTemporaryFolder { folder in
            // A module of which not a byte comes.
            let module = folder.appending(path: "module").path
            try #require(mkfifo(module, 0o600) == 0)
            var pipe: Int32 = -1
            defer { close(pipe) }
            let child: ChildProcess
            do {
                let host = try Host.start()
                try host.begin(module)
                if hangs {
                    try host.channel.send(.call, Array(#"{"identity": {}}"#.utf8))
                    // It can be opened once there is who reads it.
                    try await Patience.until {
                        pipe = open(module, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
                        return pipe >= 0
                    }
                }
                child = host.child
            }
            try await Patience.until { !child.isRunning }
            #expect(child.ending == .exited(status: 0))
        }
    }

    @Test(
        "ends, and answers nothing, when what it is sent makes no sense",
        arguments: [
            (FrameKind.call, "{}"), (.call, #"{"destroy": {}}"#), (.call, ""), (.call, #"{"identity": {}"#),
            (.begin, "{}"), (.pinAtDevice, ""), (.answer, "true"),
        ])
    func nonsense(kind: FrameKind, text: String) async throws {
        let host = try Host.start()
        try host.begin()
        try host.channel.send(kind, Array(text.utf8))
        #expect(throws: FrameError.ended) { try host.channel.receive() }
        #expect(try await host.ending() == .exited(status: 1))
    }

    @Test("begins with a module and a token, or not at all")
    func beginning() async throws {
        for (kind, text) in [
            (FrameKind.call, #"{"identity": {}}"#), (.begin, "[]"),
            (.begin, #"{"module": "/nowhere.so", "token": "pkcs11:token=x?pin-value=1234"}"#),
        ] {
            let host = try Host.start()
            try host.channel.send(kind, Array(text.utf8))
            #expect(throws: FrameError.ended) { try host.channel.receive() }
            #expect(try await host.ending() != .exited(status: 0))
        }
    }

    @Test("dumps no core, whatever its parent may")
    func dumps() throws {
        let host = try Host.start(["/bin/sh", "-c", "ulimit -c 8 && exec \(try CeremonyRoom.program()) hsm-host"])
        try host.begin()
        let limits = try KernelFile.text("/proc/\(host.child.processIdentifier)/limits")
        #expect(limits.contains(/Max core file size\s+0\s+0\s/))
        withExtendedLifetime(host.channel) {}
    }
}
