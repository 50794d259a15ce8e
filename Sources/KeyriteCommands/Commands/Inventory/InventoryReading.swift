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
    /// Where callers of KMS are looked for.
    let callers: CallerOptions
    /// Whether it can be kept at all.
    var isKept = true

    /// What was asked of the estate, and is yet to be read.
    private typealias Opened = (entrance: InventoryEntrance, inventory: Inventory, files: EventFiles?)

    private func open() async throws -> Opened {
        // Before minutes are spent on reading.
        let files = callers.events.isEmpty ? nil : try EventFiles(at: callers.events)
        let entrance = try await InventoryEntrance(scope, by: access)
        let inventory = Inventory(
            partition: access.region.partition?.rawValue ?? "aws",
            accounts: entrance.accounts.map { InventoryAccount($0.id, in: $0.regions) }
        ) { service, place in try entrance.caller(of: service, in: place) }
        return (entrance, inventory, files)
    }

    /// Some keys, and what uses them.
    ///
    /// - Parameter names: ARNs, ids or aliases.
    /// - Returns: The snapshot, and the keys' ARNs.
    /// - Throws: `EstateError`, `CeremonyError`, `AWSError`.
    func read(keys names: [String]) async throws -> (snapshot: InventorySnapshot, keys: [String]) {
        let began = SystemClock().now()
        let opened = try await open()
        let search = try await opened.inventory.search(for: names, width: width)
        let keys = try search.arns()
        let outcome = try await read(
            opened, try opened.inventory.narrowed(to: search), at: began, parts: nil, taken: 0)
        return (try outcome.snapshot(), keys)
    }

    /// What a snapshot has, and the parts that it is made of, which are of no more use once it is written.
    ///
    /// - Throws: `EstateError`, `CeremonyError`, `AWSError`.
    func read() async throws -> (outcome: InventoryOutcome, parts: PartsFolder?) {
        let clock = SystemClock()
        let began = clock.now()
        let opened = try await open()
        let parts = try out.map { out in
            try PartsFolder(
                at: PartsFolder.path(beside: out), for: question(at: opened.entrance), meeting: wish, now: clock.now)
        }
        let taken = opened.inventory.units.filter { parts?.known[$0] != nil }
        if let parts { Self.tell(taken, parts, of: opened.inventory.units.count, at: began) }
        let outcome = try await read(
            opened, opened.inventory, at: parts?.began ?? began, parts: parts, taken: taken.count)
        return (outcome, parts)
    }

    /// - Parameter taken: How many of the parts are there already.
    private func read(
        _ opened: Opened, _ inventory: Inventory, at began: Evidence.Timestamp, parts: PartsFolder?, taken: Int
    ) async throws -> InventoryOutcome {
        let progress = ReadingProgress(of: inventory.units.count - taken)
        let ending = EndingSignals { [self] in
            progress.end()
            Output.toPeople(farewell)
        }
        defer {
            progress.end()
            ending.cancel()
        }
        let entrance = opened.entrance
        let counted = try opened.files.map { try tally($0, entrance) }
        let home = entrance.place(entrance.own)
        return try await inventory.read(
            at: began, unread: entrance.unread + (counted?.unread ?? []).map { .events($0, in: home) }, width: width,
            callers: counted, lookup: lookup(entrance, progress), parts: parts,
            progress: progress.did)
    }

    /// Its days are those before it begins: parts that were taken over may be older. One that ended too early goes on.
    private func lookup(_ entrance: InventoryEntrance, _ progress: ReadingProgress) -> CallerLookup? {
        callers.lookup.map { days in
            CallerLookup(
                days: days, now: { SystemClock().now() }, history: { try entrance.trail(of: $0) },
                begin: { beginning in
                    if beginning.taken > 0 {
                        progress.end()
                        Output.toPeople(Self.words(of: beginning))
                    }
                    progress.expect(beginning.keys)
                },
                progress: progress.did)
        }
    }

    private static func words(of beginning: CallerLookup.Beginning) -> String {
        "The callers of \(beginning.taken) of \(beginning.taken + beginning.keys) keys are taken over, too; all are looked up "
            + "since \(beginning.since), as before."
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
                + "\(oldest), \(age) ago."
                + (parts.isWritten ? " A snapshot was made of them before; --afresh reads all of it again." : ""))
    }

    private var farewell: String {
        guard let out else {
            return isKept ? "Nothing was kept: with --out, a reading goes on where it ended." : "Ended."
        }
        let path = Printable.text(PartsFolder.path(beside: out))
        let again = wish == .afresh ? "the same command without --afresh" : "the same command again"
        return "Ended. What was read is in \(path); \(again) goes on there."
    }
}
