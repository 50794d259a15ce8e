import Evidence
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

@Suite("NSS's softoken, which lets keys leave that may not", .timeLimit(.minutes(60)))
struct SoftokenTests {
    @Test("is told its database by the site, lets itself be opened by a PIN from the terminal, and is unfit, by name")
    func unfit() async throws {
        let report = try await Self.examine(parameters: { "configdir='sql:\($0)' secmod='' flags=" })
        #expect(report.status == 5)
        func results(_ result: Finding.Result) -> [String] {
            report.findings.filter { $0.result == result && !$0.check.hasPrefix("permission: ") }.map(\.check)
        }
        #expect(
            results(.pass) == [
                "module", "token", "PIN", "two sessions", "random source", "mechanisms listed", "identity", "clock",
            ])
        #expect(
            results(.fail) == [
                "mechanisms tried", "what may not leave stays", "keys cannot be weakened", "nothing is derived",
            ])
        #expect(
            results(.warn) == ["other kinds of key", "wrap with trusted only", "allowed mechanisms", "wrap template"])
        let details = Dictionary(uniqueKeysWithValues: report.findings.map { ($0.check, $0.detail) })
        #expect(
            details["what may not leave stays"]
                == "the token wraps what is not extractable: a key with CKA_EXTRACTABLE false")
        #expect(details["wrap with trusted only"] == "the token ignores CKA_WRAP_WITH_TRUSTED")
        #expect(details["keys cannot be weakened"] == "C_CopyObject with another CKA_EXTRACTABLE weakened a key")
        #expect(
            details["nothing is derived"] == "CKM_AES_ECB_ENCRYPT_DATA derived a key from one with CKA_DERIVE false")
    }

    @Test("without its parameters it opens nothing, and the finding says how it is told them")
    func untold() async throws {
        let report = try await Self.examine(parameters: { _ in nil })
        #expect(report.status == 5)
        let token = report.findings.first { $0.check == "token" }
        #expect(token?.result == .fail)
        #expect(
            token?.detail.hasPrefix("C_Initialize at \(try Self.module()): the token answered CKR_ARGUMENTS_BAD")
                == true)
        #expect(token?.detail.hasSuffix("The module may want parameters, which stand beside its path.") == true)
    }

    private struct Report: Decodable {
        let findings: [Finding]
    }

    private static let pin = "softoken-pin"

    /// Examines a fresh database as the doctor does, in a process of its own: NSS is initialized once in each.
    private static func examine(
        parameters: (_ database: String) -> String?
    ) async throws -> (status: Int32, findings: [Finding]) {
        try await CeremonyRoom.with { room in
            let database = room.base.path + "/nss"
            try await make(database)
            let site = room.base.path + "/softoken.yaml"
            let hsm = Site(
                mode: .rehearsal, access: room.room.site.access,
                module: .library(path: try module(), parameters: parameters(database)),
                token: "pkcs11:token=NSS%20Certificate%20DB", signers: room.room.site.signers,
                memory: room.room.site.memory)
            try Data(hsm.yaml.utf8).write(to: URL(filePath: site))
            let terminal = try Pseudoterminal(
                [try CeremonyRoom.program(), "doctor", "--site", site, "--ask-pin", "--format", "json"],
                environment: ["TERM": "dumb"])
            defer { terminal.signal(SIGKILL) }
            if parameters(database) != nil {
                try await terminal.expect("PIN: ")
                terminal.type(pin + "\n")
            }
            let ended = try await terminal.end()
            #expect(!terminal.words.contains(pin))
            return (ended.status, try JSONDecoder().decode(Report.self, from: Data(ended.output.utf8)).findings)
        }
    }

    /// Lends a fresh database as the HSM of a rehearsal's room.
    static func withToken<R>(_ body: (ForeignToken) async throws -> R) async throws -> R {
        try await withTemporaryFolder { folder in
            let database = folder.path + "/nss"
            try await make(database)
            return try await body(
                ForeignToken(
                    module: try module(), parameters: "configdir='sql:\(database)' secmod='' flags=",
                    token: "pkcs11:token=NSS%20Certificate%20DB", pin: pin))
        }
    }

    private static func make(_ database: String) async throws {
        try FileManager.default.createDirectory(atPath: database, withIntermediateDirectories: false)
        try Data((pin + "\n").utf8).write(to: URL(filePath: database + "/pin"))
        let made = try await runProcess("/usr/bin/certutil", ["-N", "-d", "sql:" + database, "-f", database + "/pin"])
        try #require(made.status == 0, "\(made.stderrText)")
    }

    /// Debian's libnss3 has it in the folder of the architecture.
    private static func module() throws -> String {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
        return try #require(
            folders.map { $0 + "/libsoftokn3.so" }.first { access($0, R_OK) == 0 }, "libnss3 is not installed")
    }
}
