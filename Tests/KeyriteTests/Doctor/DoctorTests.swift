import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

@Suite("keyrite doctor", .timeLimit(.minutes(60)))
struct DoctorTests {
    private struct Report: Decodable {
        let schema: String
        let fit: Bool
        let findings: [Finding]
    }

    @Test("finds a rehearsal's room fit, says how each thing came out, and leaves nothing on the token")
    func rehearsal() async throws {
        try await CeremonyRoom.with { room in
            let outcome = try await Self.doctor(room, "--key", CeremonyRoom.alias, "--wrapping-key-spec", "RSA_2048")
            let report = try JSONDecoder().decode(Report.self, from: Data(outcome.stdout))
            #expect(outcome.status == 0, "\(outcome.stderrText)")
            #expect(report.schema == "keyrite.doctor/1" && report.fit)
            let passed = report.findings.filter { $0.result == .pass }.map(\.check)
            #expect(
                passed == [
                    "token", "PIN", "two sessions", "random source", "mechanisms listed", "mechanisms tried",
                    "what may not leave stays",
                    "keys cannot be weakened", "wrap with trusted only", "allowed mechanisms", "identity", "clock",
                ]
                    + [
                        "ListKeys", "DescribeKey", "GetKeyPolicy", "ListResourceTags", "ListGrants", "ListKeyRotations",
                        "GetParametersForImport", "Encrypt", "Decrypt",
                    ].map { "permission: \($0)" })
            // What the token server does not carry, and what AWS cannot tell without doing it, never passes.
            let unknown = report.findings.filter { $0.result == .unknown }.map(\.check)
            #expect(
                unknown
                    == ["nothing is derived", "wrap template", "simulation"]
                    + [
                        "ImportKeyMaterial", "RotateKeyOnDemand", "DeleteImportedKeyMaterial", "TagResource",
                        "CreateKey",
                        "CreateAlias", "UpdateAlias",
                    ].map { "permission: \($0)" })
            // The file that can be read is the client's.
            let asserted = report.findings.filter { $0.result == .asserted }
            #expect(asserted.map(\.check) == ["module"])
            #expect(asserted.first?.detail.contains("p11-kit-client.so, SHA-256 ") == true)
            // What the token server carries of key types, and what only the library can do.
            let warned = report.findings.filter { $0.result == .warn }
            #expect(warned.map(\.check) == ["other kinds of key"])
            #expect(
                warned.first?.detail
                    == "not HMAC_224, RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, "
                    + "ECC_SECG_P256K1; but HMAC_256, HMAC_384, HMAC_512")
            #expect(report.findings.count == passed.count + unknown.count + asserted.count + warned.count)
            #expect(report.findings.allSatisfy { ($0.remedy == nil) == ($0.result == .pass) })

            let module = try Module.remote(socket: Self.socket(of: room))
            let token = try module.slot(of: PKCS11URI(parsing: room.room.site.token))
            let session = try token.openSession()
            try await session.login(pin: RehearsalTokens.pin(for: try token.tokenInfo()))
            #expect(try await session.findObjects([]).isEmpty)
        }
    }

    @Test("where it loads the module itself it shows that file's digest, and tries what no token server carries")
    func loaded() async throws {
        try await CeremonyRoom.with { room in
            let site = room.base.path + "/loaded.yaml"
            let module = try RehearsalModule.path()
            let yaml = try String(contentsOfFile: room.room.siteFile, encoding: .utf8)
            try Data(yaml.replacing(/socket: ".*"/, with: "library: \"\(module)\"").utf8).write(to: URL(filePath: site))
            let outcome = try await runProcess(
                "/usr/bin/timeout",
                ["--kill-after=5", "300", CeremonyRoom.program(), "doctor", "--site", site, "--format", "json"],
                environment: SoftHSMFolder(path: room.room.root + "/softhsm").environment)
            let report = try JSONDecoder().decode(Report.self, from: Data(outcome.stdout))
            #expect(outcome.status == 0, "\(outcome.stderrText)")
            let digest = SHA256Digest(of: [UInt8](try Data(contentsOf: URL(filePath: module))))
            #expect(
                report.findings.filter { ["module", "nothing is derived", "wrap template"].contains($0.check) } == [
                    Finding("module", .pass, "\(module), SHA-256 \(digest.hex)"),
                    Finding(
                        "nothing is derived", .pass,
                        "from a key with CKA_DERIVE false, by CKM_AES_ECB_ENCRYPT_DATA"),
                    Finding(
                        "wrap template", .pass,
                        "CKA_WRAP_TEMPLATE kept a wrapping key from a key that it does not admit"),
                ])
            let kinds = report.findings.first { $0.check == "other kinds of key" }
            #expect(kinds?.result == .pass)
            #expect(kinds?.detail.hasPrefix("HMAC_224, HMAC_256, HMAC_384, HMAC_512, RSA_2048 (by token), ") == true)
        }
    }

    @Test("a token with room for one session alone is unfit, and what it says of its limits is told")
    func oneSession() async throws {
        try await HostileSite.with("takes-one-session") { site in
            let doctor = Doctor(
                token: site.token.info.uri, pin: { _ in site.token.pin }, module: .socket(path: site.socket))
            let failed = await doctor.examine().filter { $0.result == .fail }
            #expect(failed.map(\.check) == ["two sessions"])
            let said = "the token says: at most 1 in all, at most 1 for writing, 1 open then. C_OpenSession at "
            #expect(failed.first?.detail.hasPrefix(said) == true, "\(failed)")
        }
    }

    @Test("without a key tries no permission, and says so; a key that is not there is a finding, and ends with 5")
    func permissions() async throws {
        try await CeremonyRoom.with { room in
            let without = try await Self.doctor(room)
            let report = try JSONDecoder().decode(Report.self, from: Data(without.stdout))
            #expect(without.status == 0)
            #expect(report.findings.filter { $0.detail == "no key was named" }.count == 8)

            let missing = try await CeremonyRoom.keyrite([
                "doctor", "--site", room.room.siteFile, "--key", "alias/nothing",
            ])
            #expect(missing.status == 5)
            #expect(missing.stdoutText.contains("\nfail      permission: DescribeKey: "), "\(missing.stdoutText)")
            #expect(missing.stdoutText.contains("NOT FIT: no ceremony before what failed is mended."))
        }
    }

    @Test("calls a token unfit that answers CKR_OK and used SHA-1, before any key exists, and ends with 5")
    func liar() async throws {
        try await CeremonyRoom.with(
            tokenModule: HostileSite.module(), tokenEnvironment: HostileSite.environment("wraps-with-sha1")
        ) { room in
            let outcome = try await Self.doctor(room)
            let report = try JSONDecoder().decode(Report.self, from: Data(outcome.stdout))
            #expect(outcome.status == 5 && !report.fit)
            let failed = report.findings.filter { $0.result == .fail }
            #expect(failed.map(\.check) == ["mechanisms tried"])
            #expect(failed.first?.detail.contains("answered CKR_OK and used SHA-1") == true)
        }
    }

    @Test("calls a stock SoftHSM unfit, and says why; from a token that wraps nothing no refusal counts")
    func stockSoftHSM() async throws {
        try await TokenSite.with(module: TokenSite.stockModule) { site in
            let token = try await site.makeToken("stock")
            let findings = await Self.doctor(site, token.info.uri, pin: token.pin).examine()
            let failed = findings.filter { $0.result == .fail }
            #expect(failed.map(\.check) == ["mechanisms tried"])
            #expect(failed.first?.detail.contains("the token does not do RSA-OAEP with SHA-256") == true, "\(failed)")
            #expect(findings.last?.check == "policy" && findings.last?.result == .unknown)
        }
    }

    @Test("a wrong PIN is tried once, and a token that is not there is told")
    func login() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("token")
            let wrong = Self.doctor(site, token.info.uri, pin: try TokenSite.secret("wrong PIN"))
            #expect(
                await wrong.examine().map { "\($0.check) \($0.result)" }
                    == ["module asserted", "token pass", "PIN pass", "login fail"])
            #expect(
                await Self.doctor(site, token.info.uri, pin: token.pin).examine().first { $0.check == "PIN" }
                    == Finding(
                        "PIN", .warn, "wrong PINs were entered since the last login",
                        remedy: "Find out who entered them"))
            let other = Self.doctor(site, try PKCS11URI(parsing: "pkcs11:token=other"), pin: token.pin)
            #expect(await other.examine().map(\.result) == [.asserted, .fail])
        }
    }

    @Test("a module whose file cannot be read is told, and nothing more is tried")
    func moduleGone() async throws {
        let doctor = Doctor(
            token: try PKCS11URI(parsing: "pkcs11:token=x"), pin: { _ in nil },
            module: .library(path: "/nowhere/module.so"))
        let findings = await doctor.examine()
        #expect(findings.map { "\($0.check) \($0.result)" } == ["module fail", "token fail"])
        #expect(findings.first?.detail.hasPrefix("/nowhere/module.so cannot be read: ") == true, "\(findings)")
    }

    @Test(
        "compares clocks",
        arguments: [(0, .pass), (30, .warn), (-30, .warn), (3600, .fail)] as [(Int64, Finding.Result)])
    func clock(off: Int64, result: Finding.Result) async throws {
        try await CeremonyRoom.with { room in
            let folder = try DiskFolder.create(at: room.base.path + "/other")
            let ports = try room.room.site.ports(folder: folder, progress: Unwatched())
            let kms = try #require(ports.kms as? KeyService)
            let findings = await ServiceExamination(kms: kms, clock: OffClock(seconds: off))
                .run(key: nil, wrappingKeySpec: "RSA_2048")
            #expect(findings.first { $0.check == "clock" }?.result == result)
        }
    }

    private static func doctor(_ room: CeremonyRoom, _ more: String...) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(["doctor", "--site", room.room.siteFile, "--format", "json"] + more)
    }

    private static func doctor(_ site: TokenSite, _ token: PKCS11URI, pin: SecretBytes) -> Doctor {
        Doctor(token: token, pin: { _ in pin }, module: .socket(path: site.server.socket))
    }

    private static func socket(of room: CeremonyRoom) throws -> String {
        guard case .socket(let path) = room.room.site.module else { throw CocoaError(.fileNoSuchFile) }
        return path
    }
}

/// A clock that is wrong by so much.
private struct OffClock: ClockPort {
    let seconds: Int64
    func now() -> Timestamp { SystemClock().now().advanced(bySeconds: seconds) }
    func wait(milliseconds: Int) async throws {}
}
