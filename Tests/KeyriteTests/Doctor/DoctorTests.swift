import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

@Suite("keyrite doctor", .timeLimit(.minutes(10)))
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
                    "token", "PIN", "random source", "mechanisms listed", "mechanisms tried",
                    "what may not leave stays",
                    "keys cannot be weakened", "wrap with trusted only", "allowed mechanisms", "identity", "clock",
                    "permission: DescribeKey", "permission: GetKeyPolicy", "permission: ListKeyRotations",
                    "permission: GetParametersForImport",
                ])
            // What AWS cannot tell without doing it never passes.
            let unknown = report.findings.filter { $0.result == .unknown }.map(\.check)
            #expect(
                unknown
                    == ["ImportKeyMaterial", "RotateKeyOnDemand", "CreateKey", "CreateAlias", "UpdateAlias"]
                    .map { "permission: \($0)" })
            #expect(report.findings.count == passed.count + unknown.count)
            #expect(report.findings.allSatisfy { ($0.remedy == nil) == ($0.result == .pass) })

            let module = try Module.remote(socket: Self.socket(of: room))
            let token = try module.slot(of: PKCS11URI(parsing: room.room.site.token))
            let session = try token.openSession()
            try await session.login(pin: RehearsalTokens.pin(for: try token.tokenInfo()))
            #expect(try await session.findObjects([]).isEmpty)
        }
    }

    @Test("without a key tries no permission, and says so; a key that is not there is a finding, and ends with 5")
    func permissions() async throws {
        try await CeremonyRoom.with { room in
            let without = try await Self.doctor(room)
            let report = try JSONDecoder().decode(Report.self, from: Data(without.stdout))
            #expect(without.status == 0)
            #expect(report.findings.filter { $0.detail == "no key was named" }.count == 4)

            let missing = try await CeremonyRoom.keyrite([
                "doctor", "--site", room.room.siteFile, "--key", "alias/nothing",
            ])
            #expect(missing.status == 5)
            #expect(missing.stdoutText.contains("\nfail     permission: DescribeKey: "), "\(missing.stdoutText)")
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
            #expect(report.findings.contains { $0.check == "policy" && $0.result == .unknown })
        }
    }

    @Test("calls a stock SoftHSM unfit, and says why")
    func stockSoftHSM() async throws {
        try await TokenSite.with(module: TokenSite.stockModule) { site in
            let token = try await site.makeToken("stock")
            let findings = await Doctor(token: token.info.uri, pin: { _ in token.pin }, connect: site.connect).examine()
            let failed = findings.filter { $0.result == .fail }
            #expect(failed.map(\.check) == ["mechanisms tried"])
            #expect(failed.first?.detail.contains("the token does not do RSA-OAEP with SHA-256") == true, "\(failed)")
        }
    }

    @Test("a wrong PIN is tried once, and a token that is not there is told")
    func login() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("token")
            let wrong = Doctor(
                token: token.info.uri, pin: { _ in try TokenSite.secret("wrong PIN") }, connect: site.connect)
            #expect(
                await wrong.examine().map { "\($0.check) \($0.result)" } == ["token pass", "PIN pass", "login fail"])
            let right = Doctor(token: token.info.uri, pin: { _ in token.pin }, connect: site.connect)
            #expect(
                await right.examine().first { $0.check == "PIN" }
                    == Finding(
                        "PIN", .warn, "wrong PINs were entered since the last login",
                        remedy: "Find out who entered them"))
            let other = Doctor(
                token: try PKCS11URI(parsing: "pkcs11:token=other"), pin: { _ in token.pin }, connect: site.connect)
            #expect(await other.examine().map(\.result) == [.fail])
        }
    }

    @Test(
        "compares clocks",
        arguments: [(0, .pass), (30, .warn), (-30, .warn), (3600, .fail)] as [(Int64, Finding.Result)])
    func clock(off: Int64, result: Finding.Result) async throws {
        try await CeremonyRoom.with { room in
            let folder = try DiskFolder.create(at: room.base.path + "/other")
            let ports = try room.room.site.ports(folder: folder, progress: Unwatched())
            let findings = await ServiceExamination(kms: ports.kms, clock: OffClock(seconds: off))
                .run(key: nil, wrappingKeySpec: "RSA_2048")
            #expect(findings.first { $0.check == "clock" }?.result == result)
        }
    }

    private static func doctor(_ room: CeremonyRoom, _ more: String...) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(["doctor", "--site", room.room.siteFile, "--format", "json"] + more)
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
