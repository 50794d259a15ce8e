import ArgumentParser
import Estate
import Evidence

/// Where to look for who calls KMS by keys' ids, as somebody asks for it.
struct CallerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Look in CloudTrail's events for who calls KMS by key ids: a file or a folder. May be repeated.",
            valueName: "path"))
    var events: [String] = []
    @Option(
        help: ArgumentHelp(
            """
            Or ask CloudTrail itself for the last days, 1 to 90, key by key (LookupEvents: twice a second, 50 events each).
            """, valueName: "days"))
    var lookup: Int?

    private static let longest = 90

    func validate() throws {
        guard events.isEmpty || lookup == nil else {
            throw ValidationError("Give --events or --lookup: the same calls would be counted twice.")
        }
        guard lookup.map({ (1...Self.longest).contains($0) }) ?? true else {
            throw ValidationError("--lookup takes 1 to \(Self.longest) days: CloudTrail keeps no more.")
        }
    }

    /// Whether nobody asks for it.
    var isEmpty: Bool { events.isEmpty && lookup == nil }
}
