import AWS
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("credential_process", .timeLimit(.minutes(60)))
struct CredentialProcessTests {
    private static let answer =
        #"{"Version":1,"AccessKeyId":"AKIAPROC","SecretAccessKey":"s","SessionToken":"t","Expiration":"TIME"}"#

    /// A provider whose process is a shell script.
    ///
    /// The shell reads it: a file that this process wrote cannot be run itself while a child that is just being started
    /// has a copy of the descriptor.
    private static func provider(
        _ script: String, in scratch: Scratch, timeout: Double = 60
    ) throws -> any CredentialsProvider {
        let file = scratch.folder.appending(path: "give")
        try Data("\(script)\n".utf8).write(to: file)
        try Data("[default]\ncredential_process = /bin/sh \(file.path) one 'two three'\n".utf8)
            .write(to: scratch.folder.appending(path: "config"))
        let variables = Variables(["HOME": scratch.folder.path, "AWS_CONFIG_FILE": scratch.path("config")])
        return try SharedSettings(variables.environment).credentials(.init(processTimeout: timeout))
    }

    private static func runs(_ scratch: Scratch) throws -> Int {
        try String(contentsOfFile: scratch.path("runs"), encoding: .utf8).count
    }

    @Test("is run again before its credentials expire, and not before")
    func refresh() async throws {
        try await Scratch.using { scratch in
            let script = "printf . >> \(scratch.path("runs")); cat \(scratch.path("answer"))"
            func tell(_ time: String) throws {
                try Data(Self.answer.replacing("TIME", with: time).utf8)
                    .write(to: scratch.folder.appending(path: "answer"))
            }
            let provider = try Self.provider(script, in: scratch)
            try tell("2026-07-01T13:00:00Z")
            for minute in [0.0, 10, 44] {
                _ = try await provider.credentials(at: TestTime.start.addingTimeInterval(minute * 60))
            }
            #expect(try Self.runs(scratch) == 1)
            try tell("2026-07-01T14:00:00Z")
            let fresh = try await provider.credentials(at: TestTime.start.addingTimeInterval(45 * 60))
            #expect(try Self.runs(scratch) == 2)
            #expect(fresh.expiration == TestTime.start.addingTimeInterval(7_200))
        }
    }

    @Test("that fails to refresh leaves the old credentials in use while they are good for a minute")
    func failedRefresh() async throws {
        try await Scratch.using { scratch in
            let provider = try Self.provider("cat \(scratch.path("answer"))", in: scratch)
            try Data(Self.answer.replacing("TIME", with: "2026-07-01T13:00:00Z").utf8)
                .write(to: scratch.folder.appending(path: "answer"))
            _ = try await provider.credentials(at: TestTime.start)
            try FileManager.default.removeItem(atPath: scratch.path("answer"))
            let old = try await provider.credentials(at: TestTime.start.addingTimeInterval(3_539))
            #expect(old.accessKeyID == "AKIAPROC")
            let error = try await failure {
                _ = try await provider.credentials(at: TestTime.start.addingTimeInterval(3_541))
            }
            #expect(error.description.contains("ended with status 1"))
        }
    }

    @Test("is asked once by all who sign at the same time")
    func together() async throws {
        try await Scratch.using { scratch in
            let answer = Self.answer.replacing("TIME", with: "2026-07-01T13:00:00Z")
            let script = "printf . >> \(scratch.path("runs")); sleep 0.3; printf '\(answer)'"
            let provider = try Self.provider(script, in: scratch)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await provider.credentials(at: TestTime.start) } }
                try await group.waitForAll()
            }
            #expect(try Self.runs(scratch) == 1)
        }
    }

    @Test("that does not end is killed with all it started, and told without its arguments")
    func timeout() async throws {
        try await Scratch.using { scratch in
            let script = "sleep 600 & echo $! > \(scratch.path("pid")); wait"
            let provider = try Self.provider(script, in: scratch, timeout: 20)
            let error = try await failure { _ = try await provider.credentials(at: TestTime.start) }
            #expect(
                error.description == "the credential_process of the AWS profile \"default\", /bin/sh, "
                    + "did not end within 20 s and was killed; run it by hand to see why")
            let text = try String(contentsOfFile: scratch.path("pid"), encoding: .utf8)
            let pid = try #require(Int32(text.dropLast()))
            let deadline = ContinuousClock.now + .seconds(20)
            while kill(pid, 0) == 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
            #expect(kill(pid, 0) == -1, "what it started still runs")
        }
    }

    @Test("that leaves something behind with its output is not waited for")
    func leftover() async throws {
        try await Scratch.using { scratch in
            let answer = Self.answer.replacing("TIME", with: "2026-07-01T13:00:00Z")
            let script = "sleep 600 & echo $! > \(scratch.path("pid")); printf '\(answer)'"
            let provider = try Self.provider(script, in: scratch, timeout: 240)
            #expect(try await provider.credentials(at: TestTime.start).accessKeyID == "AKIAPROC")
            let text = try String(contentsOfFile: scratch.path("pid"), encoding: .utf8)
            let pid = try #require(Int32(text.dropLast()))
            #expect(kill(pid, 0) == 0, "what it left behind was waited for, or killed")
            kill(pid, SIGKILL)
        }
    }

    @Test("that prints without end is killed")
    func flood() async throws {
        try await Scratch.using { scratch in
            let provider = try Self.provider("exec yes hunter2", in: scratch)
            let error = try await failure { _ = try await provider.credentials(at: TestTime.start) }
            #expect(error.description.contains("printed more than 65536 bytes and was killed"))
            #expect(!error.description.contains("hunter2"))
        }
    }

    @Test("gets its arguments as they are split, an empty input and nothing that is open here")
    func surroundings() async throws {
        try await Scratch.using { scratch in
            // Open without O_CLOEXEC: a plain exec would hand it on.
            let open = Glibc.open(scratch.path("lock"), O_RDWR | O_CREAT, 0o600)
            try #require(open >= 0)
            defer { close(open) }
            let script = """
                printf '%s|' "$@" > \(scratch.path("seen"))
                cat >> \(scratch.path("seen"))
                ls -l /proc/$$/fd > \(scratch.path("files"))
                printf '\(Self.answer.replacing("TIME", with: "2026-07-01T13:00:00Z"))'
                """
            _ = try await Self.provider(script, in: scratch).credentials(at: TestTime.start)
            #expect(try String(contentsOfFile: scratch.path("seen"), encoding: .utf8) == "one|two three|")
            let files = try String(contentsOfFile: scratch.path("files"), encoding: .utf8)
            #expect(files.contains("/dev/null") && !files.contains("lock"), "\(files)")
        }
    }
}
