import ArgumentParser
import Estate
import Evidence
import Room

struct ImpactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impact", abstract: "What a rotation or a replacement of keys would do to what uses them.",
        discussion: """
            For each resource that uses a key: what happens and what does not, what stops, what stays under the old \
            material or key, and which steps it takes. Changes nothing.

            With --site and --key it reads the key and what uses it from AWS, as keyrite inventory reads an account, but for \
            other keys: the site's account, or those of --role, in the key's Region. With --snapshot it works on what keyrite \
            inventory wrote, and asks nobody: for many keys, or more than once.

              keyrite impact --site site.yaml --key alias/payments

            Quantities and prices are yours to give: none are built in. With --strict, exit code 5 where something limits \
            what is said.
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

    @Option(
        help: ArgumentHelp(
            "A key's ARN or id, or an alias's name or ARN; of a snapshot, by default every key that is not AWS's. May be repeated."
        ))
    var key: [String] = []
    @Option(
        help: ArgumentHelp("Read the keys, and what uses them, as this room reaches AWS (YAML).", valueName: "file"))
    var site: String?
    @Option(help: ArgumentHelp("Or look at a snapshot of keyrite inventory.", valueName: "file"))
    var snapshot: String?
    @OptionGroup(title: "With --site") var scope: InventoryScope
    @OptionGroup var callers: CallerOptions
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

    func validate() throws {
        switch (site, snapshot) {
        case (nil, nil):
            throw ValidationError(
                "Give --site FILE and --key K to read a key's uses from AWS, or --snapshot FILE of keyrite inventory.")
        case (_?, _?): throw ValidationError("Give --site or --snapshot, and not both.")
        case (_?, nil):
            guard !key.isEmpty else {
                throw ValidationError(
                    "With --site, name the key: --key alias/NAME. For every key, let keyrite inventory --out FILE read "
                        + "them first, and give --snapshot FILE.")
            }
        case (nil, _?):
            guard scope.isOwn, callers.isEmpty else {
                throw ValidationError(
                    "--role, --roles, --organization, --region, --share, --events and --lookup go with --site; a snapshot has what "
                        + "keyrite inventory read.")
            }
        }
    }

    func run() async throws {
        let now = SystemClock().now()
        let prices = try prices.map { try PriceList(InputFile.bytes($0), from: $0, at: now) }
        let quantities = try quantities.map { try QuantityList(InputFile.bytes($0), from: $0) }
        let (snapshot, keys) = try await estate()
        let impact = Impact(of: snapshot, prices: prices, quantities: quantities, at: now)
        let report = try impact.report(on: keys, strategies: strategy.strategies)
        switch format {
        case .text: Output.data(ImpactWords(report).text(width: OutputWidth.columns))
        case .json: try Output.json(ImpactData(report))
        }
        guard !strict || !report.isLimited else { throw ExitStatus.findings }
    }

    /// What there is, and the keys that are looked at; none for all of them.
    private func estate() async throws -> (snapshot: InventorySnapshot, keys: [String]) {
        guard let site else { return (try SnapshotFile(at: snapshot ?? "").snapshot, key) }
        let access = try ReadingAccess.resolved(try ReadingAccess.site(site))
        var scope = scope
        scope.lookWhere(key)
        let reading = InventoryReading(
            scope: scope, access: access, width: Inventory.width, out: nil, wish: .afresh, callers: callers,
            isKept: false)
        return try await reading.read(keys: key)
    }
}
