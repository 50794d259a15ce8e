import AWS
import ArgumentParser
import Ceremony
import Estate
import Evidence
import Foundation

struct InventoryReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Read accounts, as keyrite inventory does without a word more.",
        discussion: """
            Reads, and changes nothing: KMS; S3 buckets' default encryption; DynamoDB tables, replicas and backups; RDS \
            instances, clusters, snapshots and automated backups; EBS volumes and snapshots; EFS; Secrets Manager; \
            CloudWatch Logs groups; SNS; SQS. What could not be read is listed with why. With --strict, exit code 5 then.

            With --out, what was read is kept beside it, a part for each service in each account and Region, and for each key \
            whose callers were looked up. Ended too early, the same command reads only what is missing; so it does where some \
            could not be read that may be the next time: credentials ended, a service was not reached, or had no time. Only a \
            snapshot is replaced by one, and one that had what this one could not read is kept beside it, under its time. keyrite policy inventory prints what must be allowed for it.
            """)

    @Option(help: ArgumentHelp("How this room reaches AWS (YAML).", valueName: "file"))
    var site: String
    @OptionGroup var scope: InventoryScope
    @Option(
        name: .customLong("parallel"),
        help: ArgumentHelp(
            "How many services, each of one account and Region, are read at a time, 1 to 64.", valueName: "number"))
    var width = Inventory.width
    @Option(help: ArgumentHelp("Write a snapshot (JSON Lines) here.", valueName: "file"))
    var out: String?
    @OptionGroup var callers: CallerOptions
    @Flag(help: "Read all of it again, though parts of a reading that ended too early are beside --out.")
    var afresh = false
    @Flag(
        name: .customLong("any-age"),
        help: "Take over parts of a reading that ended too early though it began over a day ago.")
    var anyAge = false
    @Flag(help: "End with exit code 5 where something could not be read.")
    var strict = false
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func validate() throws {
        guard (1...64).contains(width) else { throw ValidationError("--parallel takes 1 to 64.") }
        guard !(afresh && anyAge) else { throw ValidationError("Give --afresh or --any-age, and not both.") }
    }

    func run() async throws {
        let access = try ReadingAccess.resolved(try ReadingAccess.site(site))
        // Before minutes are spent on reading.
        let file = try out.map { try OutputFile(at: $0, replacing: .snapshot, inputs: [site] + callers.events) }
        let older = out.flatMap(SnapshotGlance.init)
        let wish: PartsFolder.Wish = afresh ? .afresh : anyAge ? .takeOverAnyAge : .takeOver
        let reading = InventoryReading(
            scope: scope, access: access, width: width, out: out, wish: wish, callers: callers)
        let (outcome, parts) = try await reading.read()
        // One that is not whole takes no better one away.
        let lost = older?.lost(by: outcome.rest) ?? []
        var keptAs: String?
        do {
            keptAs = try file?.write(keepingAs: lost.isEmpty ? nil : older?.suffix) { try outcome.lines(to: $0) }
        } catch let error as CeremonyError {
            throw parts.map { Self.kept($0, error) } ?? error
        }
        let ending = InventoryEnding(outcome.rest, older: older, keptAs: keptAs, lost: lost)
        if ending.keepsParts { try parts?.settle() } else { try parts?.remove() }
        switch format {
        case .text: try InventoryWords(outcome).write(width: OutputWidth.columns) { Output.data(part: $0) }
        case .json: try outcome.object { Output.data(part: String(decoding: $0, as: UTF8.self)) }
        }
        Output.data(part: "\n")
        if let out { for line in ending.words(of: out, parts?.path, afresh: afresh) { Output.toPeople(line) } }
        guard !strict || outcome.rest.unread.isEmpty else { throw ExitStatus.findings }
    }

    /// The disk took no snapshot: what it would be made of is there.
    private static func kept(_ parts: PartsFolder, _ error: CeremonyError) -> CeremonyError {
        CeremonyError(
            error.kind, error.what,
            remedy:
                "\(error.remedy). What was read is in \(Printable.text(parts.path)), and the same command goes on there"
        )
    }
}
