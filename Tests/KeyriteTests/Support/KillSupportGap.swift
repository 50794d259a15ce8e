import Evidence
import Foundation
import Room
import Synchronization
import TestSupport
import Testing

/// The two hosts of a ceremony across an air gap, and at which of them its folder is.
final class KillGap: Sendable {
    private struct Place {
        var host: RehearsalGap.Host
        var words: [String] = []
    }

    private let gap: RehearsalGap
    private let place: Mutex<Place>

    /// The host whose turn it is.
    var host: RehearsalGap.Host { place.withLock { $0.host } }
    var siteFile: String { host.root + "/site.yaml" }
    /// The site by which people reach their tokens there.
    var peopleFile: String { host.root + "/people.yaml" }
    /// What a run is told that people there have heard from the other host.
    var heard: [String] {
        let words = place.withLock { $0.words }
        return words.isEmpty ? [] : ["--words", words.joined(separator: " ")]
    }

    /// Makes two hosts of a room, in place of those that another ceremony had there.
    init(in room: KillRoom) async throws {
        for name in ["vault", "office"] {
            let root = room.site.root + "/" + name
            if FileManager.default.fileExists(atPath: root) { try FileManager.default.removeItem(atPath: root) }
        }
        gap = try await RehearsalGap(in: room.site)
        for host in [gap.hsm, gap.connected] {
            let (own, people) = (room.site.site, host.people)
            let site = Site(
                mode: own.mode, access: own.access, module: people.module, token: people.token,
                signers: people.signers, memory: people.memory)
            try Data(site.yaml.utf8).write(to: URL(filePath: host.root + "/people.yaml"))
        }
        place = Mutex(Place(host: gap.connected))
    }

    /// What the HSM's host says of itself.
    ///
    /// - Returns: The card's file.
    func makeCard(trying keySpecs: Set<KeySpec>, in room: KillRoom) async throws -> String {
        let card = gap.connected.root + "/vault.card"
        let made = try await room.keyrite(
            ["host", "card", "--site", gap.hsm.root + "/site.yaml", "--out", card]
                + keySpecs.flatMap { ["--key-spec", $0.rawValue] })
        try #require(made.status == 0, "\(made.stderrText)")
        return card
    }

    /// Carries the folder to the other host, and the words with it.
    func carry(hearing words: [String]) throws {
        let host = host
        try gap.carry(from: host)
        place.withLock { $0 = Place(host: gap.other(than: host), words: words) }
    }
}
