import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import KeyriteCommands
import Room
import TestSupport
import Testing

@Suite("A host's card holds as its key signed it, and a plan takes it for what it is")
struct HostCardTests {
    /// A host's key, and a card that it signed.
    private struct Signed {
        let card: HostCard
        let bytes: [UInt8]
        let signature: [UInt8]

        init(_ base: URL, name: String = "vault", change: (HostCard) -> HostCard = { $0 }) async throws {
            let setting = try await HostKeys.make(name, side: .hsm, in: base)
            let host = try await HostKey(setting).host(proving: [1], in: .rehearsal)
            card = change(
                HostCard(
                    mode: .rehearsal, host: host,
                    token: TokenIdentity(label: "l", manufacturer: "m", model: "o", serial: "s"),
                    module: SHA256Digest(of: [1]), program: SHA256Digest(of: [2]),
                    ways: [HostCard.Way(keySpec: .rsa2048, way: .composed)], at: Timestamp(epochSeconds: 0)))
            bytes = try CanonicalJSON.encode(card)
            signature = try await HostKey(setting).sign(bytes, namespace: Mode.rehearsal.hostNamespace)
        }
    }

    @Test("it is read as it was made, and no byte of it or of its signature can be another")
    func holds() async throws {
        try await withTemporaryFolder { base in
            let signed = try await Signed(base)
            #expect(try HostCard(signed.bytes, signature: signed.signature, file: "f") == signed.card)
            for index in stride(from: 0, to: signed.bytes.count, by: 3) {
                var changed = signed.bytes
                changed[index] ^= 1
                let error = #expect(throws: CeremonyError.self) {
                    try HostCard(changed, signature: signed.signature, file: "f")
                }
                #expect(error?.what.hasPrefix("f") == true)
            }
            let other = try await Signed(base, name: "office")
            let error = #expect(throws: CeremonyError.self) {
                try HostCard(signed.bytes, signature: other.signature, file: "f")
            }
            #expect(error?.what.hasPrefix("f.sig: ") == true)
        }
    }

    @Test("a public key beside another's private key, or of a kind that no plan takes, is said to be so")
    func keys() async throws {
        try await withTemporaryFolder { base in
            let one = try await HostKeys.make("one", side: .hsm, in: base)
            let two = try await HostKeys.make("two", side: .hsm, in: base)
            try await expect(one, "cannot be", with: nil, else: "No such file")
            try await expect(
                one, "is not its own", with: try Data(contentsOf: URL(filePath: two.key + ".pub")),
                else: "Nothing was signed with")
            try await expect(one, "is none", with: Data("ssh-rsa AAAA\n".utf8), else: "public key")
        }
    }

    private func expect(_ setting: GapSetting, _ words: String, with pub: Data?, else other: String) async throws {
        let file = URL(filePath: setting.key + ".pub")
        try FileManager.default.removeItem(at: file)
        try pub?.write(to: file)
        let error = await #expect(throws: CeremonyError.self) {
            try await HostKey(setting).host(proving: [1], in: .rehearsal)
        }
        let said = error?.description ?? ""
        #expect(said.contains(words) || (!other.isEmpty && said.contains(other)), "\(said)")
        if pub == nil { try Data().write(to: file) }
    }

    @Test("a plan's HSM is what the card says, and nothing that the card does not say")
    func planning() async throws {
        try await withTemporaryFolder { base in
            let card = try await Signed(base).card
            let site = Site(
                mode: .rehearsal, gap: try await HostKeys.make("office", side: .connected, in: base),
                access: SiteAccess(region: .named("eu-central-1"), endpoint: .named("http://127.0.0.1:1")), module: nil,
                token: "", signers: [:], memory: base.path + "/memory")
            let folder = try DiskFolder.create(at: base.path + "/ceremony")
            let hsm = try site.ports(folder: folder, progress: Silent()).planning(with: card).hsm
            #expect(try await hsm.identity() == card.token)
            #expect(try await hsm.way(for: .rsa2048) == .composed)
            #expect(try await hsm.find(label: "l", id: "00").isEmpty)
            let error = await #expect(throws: CeremonyError.self) { try await hsm.way(for: .p256) }
            #expect(error?.what.contains("card of vault does not say") == true)
            await #expect(throws: CeremonyError.self) { try await hsm.selfTest([]) }
        }
    }

    @Test(
        "a card of another mode, of this very host, or at a site that is no connected side is refused, and no key is left"
    )
    func unfit() async throws {
        try await withTemporaryFolder { base in
            let office = try await HostKeys.make("office", side: .connected, in: base)
            let signed = try await Signed(base)
            let memory = base.path + "/memory"
            func site(_ gap: GapSetting?, _ mode: Mode = .rehearsal) -> Site {
                Site(
                    mode: mode, gap: gap, access: SiteAccess(region: .named("eu-central-1")), module: nil, token: "",
                    signers: [:], memory: memory)
            }
            func refused(_ site: Site, _ words: String) async {
                let error = await #expect(throws: CeremonyError.self) {
                    try await GapPlanning(at: site, card: signed.bytes, signature: signed.signature, file: "f")
                }
                #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
            }
            await refused(site(nil), "only the connected side of an air gap")
            await refused(site(GapSetting(side: .hsm, host: "a", key: office.key)), "only the connected side")
            await refused(site(office, .live), "it is for rehearsal, the site for live")
            await refused(site(GapSetting(side: .connected, host: "vault", key: office.key)), "this host's own name")
            await refused(
                site(GapSetting(side: .connected, host: "office", key: base.path + "/key-of-vault")),
                "this host's own name or key")
            #expect(!FileManager.default.fileExists(atPath: memory + "/sealing"))
            let planning = try await GapPlanning(
                at: site(office), card: signed.bytes, signature: signed.signature, file: "f")
            #expect(planning.gap.hsm == signed.card.gapHost && planning.gap.connected.host == "office")
            let digest = try #require(planning.gap.sealingDigest)
            #expect(try SealingFolder(memory: memory).has(digest))
            try planning.discard()
            #expect(try !SealingFolder(memory: memory).has(digest))
            for (gap, words) in [
                (office, "the other host's card"), (GapSetting(side: .hsm, host: "a", key: "/k"), "sees no KMS"),
            ] {
                let error = #expect(throws: CeremonyError.self) { try GapPlanning.requireNone(at: site(gap)) }
                #expect(error?.description.contains(words) == true)
            }
            try GapPlanning.requireNone(at: site(nil))
        }
    }
}

@Suite("What a host's card leaves out is said to whoever plans with it")
struct HostCardWordsTests {
    @Test("each kind of key with what the token lacks for it, and what to do; nothing where it has all")
    func leftOut() {
        let remedy = "Leave such keys out of the definition, or use a token that can. No key was generated"
        let unfit = [KeySpec.rsa2048, .p256].map { keySpec in
            (
                keySpec,
                CeremonyError(
                    .environment, "The token cannot make keys of the kind \(keySpec.rawValue) and wrap them for KMS",
                    remedy: remedy)
            )
        }
        #expect(
            HostText.left(out: unfit) == [
                "The card leaves out 2 kinds of key. No plan can be made with it for:",
                "  RSA_2048: The token cannot make keys of the kind RSA_2048 and wrap them for KMS.",
                "  ECC_NIST_P256: The token cannot make keys of the kind ECC_NIST_P256 and wrap them for KMS.",
                remedy + ".",
            ])
        #expect(HostText.left(out: []).isEmpty)
    }
}

/// Keys of hosts.
enum HostKeys {
    /// Makes a pair, `key-of-NAME` and its `.pub`.
    static func make(_ name: String, side: Side, in base: URL) async throws -> GapSetting {
        let file = base.path + "/key-of-" + name
        if !FileManager.default.fileExists(atPath: file) {
            try await OwnKeys.sshKeygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file)
        }
        return GapSetting(side: side, host: name, key: file)
    }
}
