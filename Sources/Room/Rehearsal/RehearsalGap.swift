import Ceremony
import CryptoPrimitives
package import Evidence
import Foundation

/// The two hosts of an air gap in a rehearsal's room: each with a folder, a site, a memory and a key of its own. One has the
/// room's HSM, the other its KMS; the people's tokens go with them.
package struct RehearsalGap: Sendable {
    /// One of the two.
    package struct Host: Sendable {
        package let side: Side
        /// The folder with all that is this host's.
        package let root: String
        package let site: Site
        /// Where the people's tokens are, who come with them to either host, and what this one remembers of them.
        package let people: Site

        /// As the plan names it.
        package var name: String { site.gap?.host ?? "" }

        /// Its own copy of the ceremony folder.
        package var ceremony: String { root + "/ceremony" }
    }

    package let hsm: Host
    package let connected: Host

    /// Makes both in the room's folder, `vault` and `office`, each with a `site.yaml` for `keyrite run --site`.
    ///
    /// - Throws: `CeremonyError` without ssh-keygen; `DiskError`.
    package init(in room: RehearsalSite) async throws {
        hsm = try await Self.host("vault", .hsm, in: room)
        connected = try await Self.host("office", .connected, in: room)
    }

    /// Another host than this one.
    package func other(than host: Host) -> Host { host.side == .hsm ? connected : hsm }

    /// What the HSM host says of itself, and the connected one plans with.
    ///
    /// - Parameter keySpecs: The kinds of key that are tried on the token.
    package func crossing(trying keySpecs: [KeySpec], program: String) async throws -> GapPlanning {
        let card = try await SignedHostCard(of: hsm.site, trying: keySpecs, program: program)
        return try await GapPlanning(
            at: connected.site, card: card.bytes, signature: card.signature, file: "the card of vault")
    }

    /// Carries the ceremony folder to the other host, in place of what that had of it, as a medium does.
    package func carry(from host: Host) throws {
        let (files, other) = (FileManager.default, other(than: host))
        if files.fileExists(atPath: other.ceremony) { try files.removeItem(atPath: other.ceremony) }
        try files.copyItem(atPath: host.ceremony, toPath: other.ceremony)
    }

    private static func host(_ name: String, _ side: Side, in room: RehearsalSite) async throws -> Host {
        let folder = try DiskFolder.create(at: room.root + "/" + name)
        let key = folder.root + "/host-key"
        try await HostKey.make(at: key, named: name)
        let (gap, memory) = (GapSetting(side: side, host: name, key: key), folder.root + "/memory")
        let site =
            switch side {
            case .hsm:
                Site(
                    mode: .rehearsal, gap: gap, access: nil, module: room.site.module, token: room.site.token,
                    signers: room.site.signers, memory: memory)
            case .connected:
                Site(
                    mode: .rehearsal, gap: gap, access: room.site.access, quotas: room.site.quotas, module: nil,
                    token: "", signers: [:], memory: memory)
            }
        try folder.write(Array(site.yaml.utf8), to: "site.yaml")
        let people = Site(
            mode: .rehearsal, gap: nil, access: nil, module: room.site.module, token: room.site.token,
            signers: room.site.signers, memory: memory)
        return Host(side: side, root: folder.root, site: site, people: people)
    }
}
