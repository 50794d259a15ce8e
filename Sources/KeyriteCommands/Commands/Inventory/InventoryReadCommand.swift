import AWS
import ArgumentParser
import Ceremony
import Estate
import Evidence
import Foundation
import Room

struct InventoryReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Read an account, as keyrite inventory does without a word more.",
        discussion: """
            Reads, and changes nothing: KMS; S3 buckets' default encryption; DynamoDB tables, replicas and backups; RDS \
            instances, clusters, snapshots and automated backups; EBS volumes and snapshots; EFS; Secrets Manager; \
            CloudWatch Logs groups; SNS; SQS. What could not be read is listed with why. With --strict, exit code 5 then.
            """)

    @Option(help: ArgumentHelp("How this room reaches AWS (YAML).", valueName: "file"))
    var site: String
    @Option(
        help: ArgumentHelp(
            "Where to look, in the site's partition; by default the site's own. May be repeated.", valueName: "region"))
    var region: [String] = []
    @Option(help: ArgumentHelp("Write a snapshot (JSON Lines) here.", valueName: "file"))
    var out: String?
    @Flag(help: "End with exit code 5 where something could not be read.")
    var strict = false
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() async throws {
        let site = try InputFile.site(site)
        guard let access = try site.access?.resolved(mfaCode: MFADialogue.code) else {
            throw CeremonyError(
                .invalidInput, "The site reaches no AWS", remedy: "Give the site of the host that is connected")
        }
        let regions = region.isEmpty ? [access.region] : try region.map(Region.init)
        if let out { try Self.requireWritable(out) }
        let snapshot = try await read(access, regions)
        if let out { try Self.write(try snapshot.lines(), to: out) }
        switch format {
        case .text: Output.data(InventoryWords(snapshot).text)
        case .json: Output.data(String(decoding: try snapshot.object(), as: UTF8.self))
        }
        guard !strict || snapshot.unread.isEmpty else { throw ExitStatus.findings }
    }

    private func read(_ access: ResolvedAccess, _ regions: [Region]) async throws -> InventorySnapshot {
        let named = Dictionary(regions.map { ($0.name, $0) }) { first, _ in first }
        let clients = try Dictionary(
            uniqueKeysWithValues: named.mapValues { region in
                try Dictionary(
                    uniqueKeysWithValues: Inventory.services.map { service in
                        (service.name, try ServiceClient(service, access.configuration(for: service.name, in: region)))
                    })
            }.map { ($0, $1) })
        let caller = try await STSClient(access.configuration(at: access.stsEndpoint)).getCallerIdentity().output
        guard caller.account.utf8.count == 12, caller.account.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw CeremonyError(.state, "STS names no account of 12 digits", remedy: "Check the site's endpoints")
        }
        let inventory = Inventory(
            partition: access.region.partition?.rawValue ?? "aws", account: caller.account, regions: named.keys.sorted()
        ) { service, region in
            guard let client = clients[region]?[service.name] else {
                throw AWSError.configuration(
                    "nobody asks \(service.name) in \(region); report this: it is Keyrite's fault")
            }
            return client
        }
        return try await inventory.read(at: SystemClock().now()) { service, region in
            Output.toPeople("Reading \(service) in \(region) ...")
        }
    }

    /// Before minutes are spent on reading.
    static func requireWritable(_ path: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.isWritableFile(atPath: folder),
            !(FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue)
        else { throw unwritable(path, .invalidInput) }
    }

    /// Whole, or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw unwritable(path, .environment)
        }
    }

    private static func unwritable(_ path: String, _ kind: CeremonyError.Kind) -> CeremonyError {
        CeremonyError(
            kind, "\(Printable.text(path)) cannot be written", remedy: "Check the path, its permissions and the disk")
    }
}
