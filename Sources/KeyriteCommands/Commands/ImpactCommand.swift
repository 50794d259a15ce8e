import ArgumentParser
import Estate
import Evidence
import Room

struct ImpactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impact", abstract: "What a rotation or a replacement of keys would do to what uses them.",
        discussion: """
            Works on a snapshot that keyrite inventory wrote, and asks nobody. For each resource: what happens and what does \
            not, what stops, what stays under the old material or key, and which steps it takes. Quantities and prices are \
            yours to give: none are built in. With --strict, exit code 5 where something limits what is said.
            """)

    enum Choice: String, CaseIterable, ExpressibleByArgument {
        case rotate
        case replace
        case both

        var strategies: [ImpactStrategy] {
            switch self {
            case .rotate: [.rotate]
            case .replace: [.replace]
            case .both: ImpactStrategy.allCases
            }
        }
    }

    @Option(help: ArgumentHelp("A snapshot of keyrite inventory.", valueName: "file"))
    var snapshot: String
    @Option(
        help: ArgumentHelp(
            "A key's ARN or id, or an alias's name or ARN; by default every key that is not AWS's. May be repeated."))
    var key: [String] = []
    @Option(help: "rotate, replace or both; both have a recommendation.")
    var strategy = Choice.both
    @Option(help: ArgumentHelp("What things cost (JSON, keyrite.prices/1).", valueName: "file"))
    var prices: String?
    @Option(help: ArgumentHelp("How much there is of what (JSON, keyrite.quantities/1).", valueName: "file"))
    var quantities: String?
    @Flag(help: "End with exit code 5 where something could not be read, or has no rule.")
    var strict = false
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
        let now = SystemClock().now()
        let prices = try prices.map { try PriceList(InputFile.bytes($0), from: $0, at: now) }
        let quantities = try quantities.map { try QuantityList(InputFile.bytes($0), from: $0) }
        let impact = Impact(
            of: try SnapshotFile(at: snapshot).snapshot, prices: prices, quantities: quantities, at: now)
        let report = try impact.report(on: key, strategies: strategy.strategies)
        switch format {
        case .text: Output.data(ImpactWords(report).text(width: OutputWidth.columns))
        case .json: try Output.json(ImpactData(report))
        }
        guard !strict || !report.isLimited else { throw ExitStatus.findings }
    }
}
