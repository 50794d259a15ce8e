import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A site of one host of an air gap has exactly its half")
struct GapSiteTests {
    private static let top = "schema: keyrite.site/1\nmode: MODE\ngap:\n  side: SIDE\n  host: vault\n  key: /k\n"
    private static let aws = "aws:\n  region: eu-central-1\n  endpoint: \"http://127.0.0.1:1\"\n"
    private static let hsm = "hsm:\n  socket: /s\n  token: \"pkcs11:token=x\"\n"
    private static let signers = "signers:\n  ben: \"pkcs11:token=ben\"\n"
    private static let memory = "memory: /tmp/m\n"

    private static func yaml(_ side: String, _ parts: String..., mode: String = "rehearsal") -> String {
        top.replacing("SIDE", with: side).replacing("MODE", with: mode) + parts.joined() + memory
    }

    @Test("each side is read, and written as it is read")
    func good() throws {
        let hsm = try Site(yaml: Self.yaml("hsm", Self.hsm, Self.signers), file: "s.yaml")
        #expect(hsm.gap == GapSetting(side: .hsm, host: "vault", key: "/k"))
        #expect(hsm.access == nil && hsm.module == .socket(path: "/s") && hsm.endpoint.isEmpty)
        let nobody = try Site(yaml: Self.yaml("hsm", Self.hsm, "signers: {}\n"), file: "s.yaml")
        let connected = try Site(yaml: Self.yaml("connected", Self.aws), file: "s.yaml")
        #expect(connected.module == nil && connected.token.isEmpty && connected.signers.isEmpty)
        for site in [hsm, nobody, connected] { #expect(try Site(yaml: site.yaml, file: "t.yaml") == site) }
    }

    @Test(
        "what is the other host's, what is missing, and what is no name or path is refused with its place",
        arguments: [
            (
                yaml("hsm", hsm, signers, aws),
                "13:3: aws is the other host's: this is the hsm side of an air gap. Remove it: nothing here may touch a network"
            ),
            (
                yaml("hsm", hsm, signers, "timestamp:\n  url: \"http://127.0.0.1:2\"\n"),
                "13:3: timestamp is the other host's: this is the hsm side of an air gap. "
                    + "Remove it: nothing here may touch a network"
            ),
            (
                yaml("connected", aws, hsm),
                "11:3: hsm is the other host's: this is the connected side of an air gap. Remove it: there is no HSM here"
            ),
            (
                yaml("connected", aws, signers),
                "11:3: signers is the other host's: this is the connected side of an air gap. "
                    + "Remove it: there is no HSM here"
            ),
            (yaml("hsm", signers), "1:1: hsm is missing. Add it"),
            (yaml("hsm", hsm), "1:1: signers is missing. Add it"),
            (yaml("connected"), "1:1: aws is missing. Add it"),
            (yaml("left", aws), "4:9: gap.side must be hsm or connected. Correct it"),
            (
                yaml("hsm", hsm, signers).replacing("vault", with: "a/b"),
                "5:9: gap.host is no name for a host. Use up to 64 letters, digits, . _ and -"
            ),
            (
                yaml("hsm", hsm, signers).replacing("vault", with: String(repeating: "a", count: 65)),
                "5:9: gap.host is no name for a host. Use up to 64 letters, digits, . _ and -"
            ),
            (
                yaml("hsm", hsm, signers).replacing("/k\n", with: "k\n"),
                "6:8: gap.key is no absolute path. Write it out from /"
            ),
            (
                yaml("hsm", hsm, signers).replacing("  key", with: "  pin: 1\n  key"),
                "6:3: gap.pin is not known here. Known are side, host, key"
            ),
        ])
    func mistakes(yaml: String, message: String) throws {
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: yaml, file: "s.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "s.yaml:" + message)
    }

    @Test("what it has not, it says is the other host's, whatever is asked of it; and it is known by its name there")
    func absent() async throws {
        try await withTemporaryFolder { base in
            let folder = try DiskFolder.create(at: base.path + "/ceremony")
            let hsm = try Site(yaml: Self.yaml("hsm", Self.hsm, Self.signers), file: "s.yaml")
            let ports = try hsm.ports(folder: folder, progress: Silent())
            #expect(ports.environment.host == "vault")
            #expect(ports.gap?.side == .hsm)
            await refuses("This host has no network") { _ = try await ports.kms.describe("k") }
            await refuses("This host has no network") { _ = try await ports.kms.rotate("k") }
            await refuses("sealing keys are the other host's") {
                _ = try ports.gap?.open([], certificate: SHA256Digest(of: []))
            }
            await refuses("reaches no AWS") { _ = try hsm.serviceExamination() }

            let connected = try Site(yaml: Self.yaml("connected", Self.aws), file: "s.yaml")
            let others = try connected.ports(folder: folder, progress: Silent())
            #expect(others.environment.host == "vault")
            await refuses("This host has no HSM") { _ = try await others.hsm.identity() }
            await refuses("This host has no HSM") { _ = try await others.hsm.wrap([]) }
            await refuses("This host has no HSM") { _ = try await others.hsm.find(label: "l", id: "00") }
            try await others.hsm.leave()
            await refuses("has no HSM and no tokens") { _ = try connected.signer(of: "ben") }
            await refuses("has no HSM and no tokens") { _ = try connected.doctor() }
            await refuses("has no HSM and no tokens") {
                _ = try connected.trustConsole(
                    of: TokenIdentity(label: "", manufacturer: "", model: "", serial: ""))
            }
            await refuses("Nobody compared the words") {
                _ = try await others.gap?.confirm([], of: Handover.none)
            }
        }
    }

    private func refuses(_ words: String, _ act: () async throws -> Void) async {
        let error = await #expect(throws: CeremonyError.self) { try await act() }
        #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
    }

    @Test("a live HSM side names no endpoint, and needs none; a variable that could change what code runs stops it")
    func liveRules() throws {
        let site = try Site(yaml: Self.yaml("hsm", Self.hsm, Self.signers, mode: "live"), file: "s.yaml")
        #expect(LiveRules(site).refusals(of: nil, environment: ["PATH", "AWS_REGION"]).isEmpty)
        #expect(
            LiveRules(site).refusals(of: nil, environment: ["AWS_ENDPOINT_URL", "LD_PRELOAD"]).map(\.description) == [
                "AWS_ENDPOINT_URL is set, and a live ceremony takes no such setting unnamed. Unset it",
                "LD_PRELOAD is set, and a live ceremony takes no such setting unnamed. Unset it",
            ])
        let error = #expect(throws: CeremonyError.self) { try site.requireRehearsal() }
        #expect(error?.description.contains("this version holds rehearsals only") == true)
    }
}

/// Progress that nobody follows.
struct Silent: ProgressPort {
    func began(_ step: Step) {}
    func ended(_ step: Step) {}
    func refused(_ path: String, _ refusal: ApprovalRefusal) {}
}

extension Handover {
    /// A hand-over of nothing.
    fileprivate static let none = Handover(
        mode: .rehearsal, ceremony: "c", number: 1, from: "a", to: "b", seq: 1, head: "",
        at: Timestamp(epochSeconds: 0), files: [])
}
