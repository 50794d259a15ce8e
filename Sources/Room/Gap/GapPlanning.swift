package import Ceremony
package import CryptoPrimitives
package import Evidence

/// What the connected host of an air gap plans with, beside what it sees itself: the HSM host's card, and a sealing key that
/// it has just made.
package struct GapPlanning: Sendable {
    package let card: HostCard
    package let cardDigest: SHA256Digest
    package let gap: AirGap
    private let sealing: SealingFolder
    private let certificate: SHA256Digest

    /// Checks the card, then makes the sealing key.
    ///
    /// - Parameters:
    ///   - bytes: The card.
    ///   - signature: The armored SSHSIG beside it.
    ///   - file: Its name, for errors.
    ///   - lend: Lends ssh-keygen the terminal, which a key with a passphrase needs.
    /// - Throws: `CeremonyError` when the card does not hold, or does not fit this site.
    package init(
        at site: Site, card bytes: [UInt8], signature: [UInt8], file: String,
        lend: @escaping SSHKeySigner.Lending = { try await $0() }
    ) async throws {
        guard let setting = site.gap, setting.side == .connected else {
            throw site.place["gap"].error(
                "only the connected side of an air gap plans with the HSM host's card",
                remedy: "Write gap with side: connected into the site, or leave out the card")
        }
        let card = try HostCard(bytes, signature: signature, file: file)
        guard card.mode == site.mode else {
            throw CeremonyError(
                .invalidInput, "\(file): it is for \(card.mode.rawValue), the site for \(site.mode.rawValue)",
                remedy: "Take the card and the site that belong together")
        }
        let host = try await HostKey(setting, lend: lend).host(
            proving: try SecureRandom.bytes(count: 32), in: site.mode)
        guard card.host != host.host, card.key != host.key else {
            throw CeremonyError(
                .invalidInput, "\(file): it has this host's own name or key, \(host.host)",
                remedy: "Give each host a name and a key of its own")
        }
        sealing = SealingFolder(memory: site.memory)
        let made = try sealing.make(for: host.host)
        certificate = made.digest
        gap = AirGap(hsm: card.gapHost, connected: host, sealing: Base64.encode(made.der))
        cardDigest = SHA256Digest(of: bytes)
        self.card = card
    }

    /// Refuses to plan for one host what is one of two.
    package static func requireNone(at site: Site) throws {
        switch site.gap?.side {
        case nil: return
        case .connected:
            throw site.place["gap"].error(
                "this is one side of an air gap, and the other host's card is not there",
                remedy: "Make it on the HSM host with keyrite host card, carry it here, and name it: --hsm-host")
        case .hsm:
            throw site.place["gap"].error(
                "the HSM side of an air gap sees no KMS", remedy: "Plan on the connected host, with this host's card")
        }
    }

    /// Takes the sealing key away again, where no plan came of it.
    package func discard() throws { try sealing.destroy(certificate) }
}
