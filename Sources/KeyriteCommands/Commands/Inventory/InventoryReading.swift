import AWS
import ArgumentParser
import Ceremony
import Estate
import Evidence
import Room

/// Reads an inventory, in front of people: says how far it is, keeps what was read, and ends at once when told to.
struct InventoryReading {
    let scope: InventoryScope
    let access: ResolvedAccess
    /// Units at a time.
    let width: Int
    /// Beside which snapshot parts are kept; nil for nowhere.
    let out: String?
    let wish: PartsFolder.Wish
    /// Where CloudTrail's events lie.
    let events: [String]

    /// The snapshot, and the parts that it is made of, which are of no more use once it is written.
    ///
    /// - Throws: `EstateError`, `CeremonyError`, `AWSError`.
    func read() async throws -> (snapshot: InventorySnapshot, parts: PartsFolder?) {
        let clock = SystemClock()
        let began = clock.now()
        // Before minutes are spent on reading.
        let files = events.isEmpty ? nil : try EventFiles(at: events)
        let entrance = try await InventoryEntrance(scope, by: access)
        let inventory = Inventory(
            partition: access.region.partition?.rawValue ?? "aws",
            accounts: entrance.accounts.map { InventoryAccount($0.id, in: $0.regions) }
        ) { service, place in try entrance.caller(of: service, in: place) }
        let parts = try out.map { out in
            try PartsFolder(
                at: PartsFolder.path(beside: out), for: question(at: entrance), meeting: wish, now: clock.now)
        }
        let taken = inventory.units.filter { parts?.known[$0] != nil }
        if let parts { Self.tell(taken, parts, of: inventory.units.count, at: began) }
        let progress = ReadingProgress(of: inventory.units.count - taken.count)
        let ending = EndingSignals { [out, wish] in
            progress.end()
            Output.toPeople(Self.farewell(out, wish))
        }
        defer {
            progress.end()
            ending.cancel()
        }
        let callers = try files.map { try tally($0, entrance) }
        let home = entrance.place(entrance.own)
        let snapshot = try await inventory.read(
            at: parts?.began ?? began,
            unread: entrance.unread + (callers?.unread ?? []).map { .events($0, in: home) }, width: width,
            callers: callers, parts: parts, progress: progress.did)
        return (snapshot, parts)
    }

    private func tally(_ files: EventFiles, _ entrance: InventoryEntrance) throws -> CallerTally {
        var tally = CallerTally(
            accounts: entrance.accounts.map(\.id), regions: entrance.accounts.flatMap(\.regions))
        try tally.read(files)
        return tally
    }

    private func question(at entrance: InventoryEntrance) -> PartsQuestion {
        PartsQuestion(
            endpoint: "\(access.endpoint)", site: access.region.name, caller: entrance.caller, account: entrance.own,
            roles: entrance.roles,
            organization: scope.organization, regions: scope.region.isEmpty ? [access.region.name] : scope.region)
    }

    private static func tell(_ taken: [InventoryUnit], _ parts: PartsFolder, of all: Int, at now: Evidence.Timestamp) {
        guard let oldest = taken.compactMap({ parts.known[$0] }).min() else { return }
        let minutes = max(0, now.epochSeconds - oldest.epochSeconds) / 60
        let age = minutes < 90 ? "\(minutes) min" : "\((minutes + 30) / 60) h"
        Output.toPeople(
            "\(taken.count) of \(all) parts are taken over from \(Printable.text(parts.path)); the oldest was read at "
                + "\(oldest), \(age) ago.")
    }

    private static func farewell(_ out: String?, _ wish: PartsFolder.Wish) -> String {
        guard let out else { return "Nothing was kept: with --out, a reading goes on where it ended." }
        let path = Printable.text(PartsFolder.path(beside: out))
        let again = wish == .afresh ? "the same command without --afresh" : "the same command again"
        return "Ended. What was read is in \(path); \(again) goes on there."
    }
}
