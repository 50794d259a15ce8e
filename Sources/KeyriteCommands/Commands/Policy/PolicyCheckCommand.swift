import AWS
import ArgumentParser
import Ceremony
import Estate
import Evidence
import Room

struct PolicyCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Hold a key's policy and grants to what is intended.",
        discussion: """
            Says who can fetch wrapping keys, import, rotate, delete, disable, replicate, move aliases, change tags or the \
            policy, create grants, decrypt and sign, by which statement or grant, and what of it is not intended: by the \
            plan, the roles' ARNs, users and administrators that are given. Who can encrypt or make data keys (use), \
            enable the key, cancel its deletion or switch its rotation (enable), or end grants (revoke), it says, too, and \
            finds only strangers: everybody, or another account that is no user. It does not ask who only looks, or \
            checks signatures and codes. Exit code 5: something is not intended.
            """)

    @Argument(help: "The folder of a ceremony whose plan is frozen; without it, what every ceremony wants.")
    var folder: String?
    @Option(help: ArgumentHelp("Ask KMS as this site does (GetKeyPolicy, ListGrants).", valueName: "file"))
    var site: String?
    @Option(help: ArgumentHelp("The key: an ARN or an alias; of saved files, of the plan.", valueName: "key"))
    var key: String?
    @Option(
        name: .customLong("key-policy"),
        help: ArgumentHelp("In place of --site: what aws kms get-key-policy printed.", valueName: "file"))
    var policyFile: String?
    @Option(help: ArgumentHelp("Beside it: what aws kms list-grants printed.", valueName: "file"))
    var grants: String?
    @Option(help: ArgumentHelp("Of saved files without a folder: the key's account.", valueName: "id"))
    var account: String?
    @OptionGroup(title: "Who is who")
    var people: PolicyPeopleOptions
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func validate() throws {
        guard (site == nil) != (policyFile == nil) else {
            throw ValidationError("Give --site, or what was saved with --key-policy.")
        }
        guard site == nil || key != nil else { throw ValidationError("Say with --key which one.") }
        guard site == nil || grants == nil else { throw ValidationError("--grants goes with --key-policy.") }
        guard policyFile == nil || (account == nil) != (folder == nil) else {
            throw ValidationError("A saved policy does not say whose it is: give a ceremony's folder, or --account.")
        }
        guard site == nil || account == nil else { throw ValidationError("--account goes with --key-policy.") }
    }

    func run() async throws {
        let found = try await site == nil ? saved() : live()
        let report = PolicyReview(found.policy, grants: found.grants, against: found.intent).report()
        let shown = PolicyReviewWords(report, of: found.name)
        switch format {
        case .text: Output.data(shown.text(width: OutputWidth.columns))
        case .json: try Output.json(shown.json)
        }
        guard report.findings.isEmpty else { throw ExitStatus.findings }
    }

    private struct Found {
        let name: String
        let policy: PolicyDocument
        let grants: [KeyGrant]?
        let intent: PolicyIntent
    }

    // MARK: Saved

    private func saved() throws -> Found {
        let file = policyFile ?? ""
        let policy = try naming(file) { try PolicyDocument(Self.document(in: try InputFile.bytes(file)), .key) }
        let intent = try savedIntent()
        let grants = try self.grants.map { file in
            try naming(file) { try KeyGrant.list(try InputFile.bytes(file), of: intent.keyARN) }
        }
        return Found(name: file, policy: policy, grants: grants, intent: intent)
    }

    /// The policy itself, or the aws CLI's answer that has it as a text.
    private static func document(in bytes: [UInt8]) throws(PolicyError) -> StrictJSON {
        let json = try StrictJSON(policy: bytes, limit: 1 << 20)
        // Nothing stands beside it there, by which the document could be two.
        guard case .object(let members) = json, members.allSatisfy({ ["Policy", "PolicyName"].contains($0.name) }),
            let text = json["Policy"]?.string
        else { return json }
        return try StrictJSON(policy: Array(text.utf8), limit: 1 << 17)
    }

    private func naming<T>(_ file: String, _ read: () throws -> T) throws -> T {
        do { return try read() } catch let error as PolicyError {
            throw EstateError(file, "\(error)")
        }
    }

    private func savedIntent() throws -> PolicyIntent {
        guard let folder else {
            let account = account ?? ""
            try PolicyPlace.require(account: account)
            let arn = try key.map { try Self.keyARN($0, of: account) }
            return try intent(partition: arn.map(Self.partition) ?? partition(), account: account, keyARN: arn)
        }
        let access = try access(of: try Self.record(in: folder))
        let named = access.keys.filter { $0.isNamed(key) }
        guard let first = named.first(where: { $0.part != .old }) ?? named.first else {
            throw CeremonyError(.invalidInput, "The plan has no such key", remedy: "Name it by its alias or its ARN")
        }
        guard named.count == 1 || key != nil else {
            throw CeremonyError(
                .invalidInput, "The plan has \(access.keys.count) keys", remedy: "Say with --key whose policy it is")
        }
        return PolicyIntent(of: first, in: access, keyARN: first.arn)
    }

    /// What every ceremony wants of a key that no plan names.
    private func intent(partition: String, account: String, keyARN: String?) throws -> PolicyIntent {
        let people = try self.people.people()
        try people.require(partition: partition, account: account, isPrinted: false)
        return PolicyIntent(partition: partition, account: account, keyARN: keyARN, people: people)
    }

    private static func keyARN(_ key: String, of account: String) throws -> String {
        let parts = key.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "kms", parts[4] == account, parts[5].hasPrefix("key/")
        else {
            throw CeremonyError(
                .invalidInput, "\(Printable.text(key, limit: 200)) is no ARN of a key of \(account)",
                remedy: "Without a ceremony's folder, name the key by its ARN")
        }
        return key
    }

    private static func partition(of arn: String) -> String { String(arn.split(separator: ":")[1]) }

    /// As the ARNs have it that are given.
    private func partition() throws -> String {
        let arns = try people.people().roles.values + people.administrator
        return arns.first.flatMap { $0.split(separator: ":").dropFirst().first.map(String.init) } ?? "aws"
    }

    // MARK: Live

    private func live() async throws -> Found {
        let site = try ReadingAccess.site(self.site ?? "")
        let session =
            try folder.map { CeremonySession.name(in: try CeremonyFolder.open($0)) } ?? CeremonySession.unnamed
        let access = try ReadingAccess.resolved(site, session: session)
        let kms = KeyService(
            kms: try KMSClient(access.configuration(at: access.endpoint)),
            sts: try STSClient(access.configuration(at: access.stsEndpoint)), quotas: site.quotas)
        let found = try await ReadingAccess.asking(by: access) { try await kms.describe(key ?? "") }
        let policy = try await kms.policy(of: found.arn)
        let text = Array(try PercentEncoding.decode(policy.text).utf8)
        return Found(
            name: found.arn, policy: try naming(found.arn) { try PolicyDocument(text, .key) },
            grants: try await kms.grants(of: found.arn).map(KeyGrant.init), intent: try await intent(for: found, kms))
    }

    private func intent(for found: KMSKey, _ kms: KeyService) async throws -> PolicyIntent {
        if let folder { return try await planned(found, try Self.record(in: folder), kms) }
        let parts = found.arn.split(separator: ":").map(String.init)
        guard parts.count == 6 else {
            throw CeremonyError(.state, "KMS calls the key \(found.arn)", remedy: "Check the endpoint")
        }
        return try intent(partition: parts[1], account: parts[4], keyARN: found.arn)
    }

    /// A key of the plan; a new one is known by the transcript, or as long as that does not have it by its tag. That an alias
    /// of the plan leads to it says nothing: anybody who may move that can have it lead anywhere.
    private func planned(_ found: KMSKey, _ record: Record, _ kms: KeyService) async throws -> PolicyIntent {
        let access = try access(of: record)
        var planned = access.keys.first { $0.arn == found.arn }
        let open = record.plan.slots.filter { $0.strategy == .replace && record.key(of: $0) == nil }
        if planned == nil, !open.isEmpty {
            let tags = try await kms.settings(of: found.arn).tags
            let slot = open.first { tags.contains($0.marker) }
            planned = slot.flatMap { slot in access.keys.first { $0.part == .new && $0.alias == slot.alias } }
        }
        guard let planned else {
            throw CeremonyError(
                .invalidInput, "\(found.arn) is no key of the plan, nor one that its ceremony made",
                remedy: "Name one by its ARN; if you named an alias of the plan, find out who moved that")
        }
        return PolicyIntent(of: planned, in: access, keyARN: found.arn)
    }

    // MARK: Planned

    private static func record(in folder: String) throws -> Record {
        let disk = try CeremonyFolder.open(folder)
        var record = try FrozenCeremony(reading: disk).emptyRecord
        if try disk.files().contains(Transcript.path) {
            try record.replay(try Transcript(parsingWholeLinesOf: try disk.read(Transcript.path)), folder: disk)
        }
        return record
    }

    private func access(of record: Record) throws -> CeremonyAccess {
        var access = CeremonyAccess(of: record)
        access.people = try people.people()
        try access.requirePeople(isPrinted: false)
        return access
    }
}
