import AWS
import ArgumentParser
import Ceremony
import Estate
import Evidence
import Room

struct PolicyPrintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print", abstract: "Print least-privilege policies for a ceremony's roles and for its keys.",
        discussion: """
            Of a frozen plan: a policy for each role, naming the plan's keys, and with --role-arn a policy for each kind \
            of key. Of a definition: what the role that looks needs for a plan to be frozen. With --role or \
            --key-policy it is the one document that the aws CLI takes; a key policy takes the place of the whole old \
            one, so whoever uses the key must be in it.
            """)

    @Argument(help: "The folder of a ceremony whose plan is frozen.")
    var folder: String?
    @Option(help: ArgumentHelp("In place of a folder: what the ceremony is to do (YAML).", valueName: "file"))
    var definition: String?
    @Option(help: ArgumentHelp("With --definition: the account of the keys.", valueName: "id"))
    var account: String?
    @Option(help: ArgumentHelp("With --definition: the Region of the keys.", valueName: "region"))
    var region: String?
    @OptionGroup(title: "Who is who")
    var people: PolicyPeopleOptions
    @Option(
        help: ArgumentHelp(
            "Name keys by aliases like this one, such as alias/payments-*, in place of their ARNs. May be repeated.",
            valueName: "pattern"))
    var aliasPattern: [String] = []
    @Option(help: "Print the policy of this role alone: look, create, fetch, import or activate.")
    var role: CeremonyRole?
    @Option(help: ArgumentHelp("Of a role's several policies, this one.", valueName: "n"))
    var part: Int?
    @Flag(help: "Print the key policy alone.")
    var keyPolicy = false
    @Option(help: ArgumentHelp("The key of the key policy: its alias or its ARN.", valueName: "key"))
    var key: String?
    @Flag(help: "Of a key that is replaced: the old one's policy.")
    var old = false
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func validate() throws {
        guard (folder == nil) != (definition == nil) else {
            throw ValidationError("Give a ceremony's folder, or --definition.")
        }
        guard (definition == nil) == (account == nil), (account == nil) == (region == nil) else {
            throw ValidationError("A definition wants --account and --region; a folder has its own.")
        }
        guard role == nil || !keyPolicy else { throw ValidationError("Give --role or --key-policy.") }
        guard part == nil || role != nil else { throw ValidationError("--part goes with --role.") }
        guard key == nil && !old || keyPolicy else { throw ValidationError("--key and --old go with --key-policy.") }
    }

    func run() throws {
        let access = try access()
        let roles = try RolePolicies(access, aliasPatterns: aliasPattern)
        if let role { return Output.data(try document(of: role, roles)) }
        if keyPolicy { return Output.data(try keyPolicy(access).text()) }
        let all = try PrintedPolicies(access, roles)
        switch format {
        case .text: Output.data(try all.text())
        case .json: Output.data(String(decoding: try CanonicalJSON.encode(all.json), as: UTF8.self))
        }
    }

    private func access() throws -> CeremonyAccess {
        var access: CeremonyAccess
        if let folder {
            access = try CeremonyAccess(at: folder)
        } else {
            let definition = self.definition ?? ""
            access = try CeremonyAccess(
                of: Definition(yaml: try InputFile.text(definition), file: definition), account: account ?? "",
                region: region ?? "")
        }
        access.people = try people.people()
        try access.requirePeople(isPrinted: true)
        return access
    }

    private func document(of role: CeremonyRole, _ roles: RolePolicies) throws -> String {
        let policies = try roles.policies(of: role)
        guard !policies.isEmpty else {
            throw CeremonyError(
                .invalidInput, "The role \(role.rawValue) has nothing to do here",
                remedy: definition == nil ? "Leave it out" : "Freeze the plan first: before, only looking is known")
        }
        guard policies.count > 1 else { return try policies[0].text() }
        guard let part, policies.indices.contains(part - 1) else {
            throw CeremonyError(
                .invalidInput, "\(role.rawValue) needs \(policies.count) policies",
                remedy:
                    "Print each with --part, 1 to \(policies.count), and attach them all; or name the keys by their "
                    + "aliases, with --alias-pattern")
        }
        return try policies[part - 1].text()
    }

    private func keyPolicy(_ access: CeremonyAccess) throws -> PolicyDocument {
        guard definition == nil else {
            throw CeremonyError(
                .invalidInput, "A definition does not say of what kind its keys are", remedy: "Freeze the plan first")
        }
        let found = access.keys.filter { $0.isNamed(key) && (!old || $0.part == .old) }
        let policies = try Set(found.map { try KeyPolicyPrint($0, of: access).policy() })
        guard let policy = policies.first else {
            throw CeremonyError(.invalidInput, "The plan has no such key", remedy: "Name it by its alias or its ARN")
        }
        // An alias is the new key's, where one takes the place of another.
        let new = found.filter { $0.part != .old }
        if policies.count > 1, !old, new.count == 1 { return try KeyPolicyPrint(new[0], of: access).policy() }
        guard policies.count == 1 else {
            throw CeremonyError(
                .invalidInput, "The plan's keys need \(policies.count) different key policies",
                remedy: "Name one with --key, by its alias or its ARN; --old is the one that is replaced")
        }
        return policy
    }
}

/// All policies of a ceremony, as data and as a table.
private struct PrintedPolicies {
    private let access: CeremonyAccess
    private let roles: [(role: CeremonyRole, policies: [PolicyDocument])]
    private let keys: [(keys: [AccessedKey], policy: PolicyDocument)]

    init(_ access: CeremonyAccess, _ roles: RolePolicies) throws {
        self.access = access
        self.roles = try roles.roles.map { ($0, try roles.policies(of: $0)) }
        var keys: [(keys: [AccessedKey], policy: PolicyDocument)] = []
        var places: [PolicyDocument: Int] = [:]
        for key in access.isPlanned && !access.people.roles.isEmpty ? access.keys : [] {
            let policy = try KeyPolicyPrint(key, of: access).policy()
            if let index = places[policy] {
                keys[index].keys.append(key)
            } else {
                places[policy] = keys.count
                keys.append(([key], policy))
            }
        }
        self.keys = keys
    }

    var json: JSONValue {
        .object([
            "schema": .string("keyrite.policy/1"), "partition": .string(access.partition),
            "account": .string(access.account), "region": .string(access.region),
            "roles": .array(
                roles.map { role, policies in
                    .object(["role": .string(role.rawValue), "policies": .array(policies.map(\.json))])
                }),
            "keyPolicies": .array(
                keys.map { keys, policy in
                    .object([
                        "keys": .array(keys.map { .string(PercentEncoding.encode($0.shownName)) }),
                        "policy": policy.json,
                    ])
                }),
        ])
    }

    func text() throws -> String {
        var table = Table("POLICY OF", "DOCUMENTS", "CHARACTERS", "ACTIONS")
        for (role, policies) in roles {
            table.add(role.rawValue, "\(policies.count)", try size(policies), actions(policies))
        }
        for (keys, policy) in keys {
            let more = keys.count > 1 ? " and \(Counted.text(keys.count - 1, "other"))" : ""
            table.add(Printable.text(keys[0].shownName) + more, "1", try size([policy]), "key policy")
        }
        var lines = [table.text, "", "To print one: --role ROLE, or --key-policy --key KEY; all of it: --format json."]
        if access.isPlanned, keys.isEmpty { lines.append("Key policies name the roles: give each one's --role-arn.") }
        return lines.joined(separator: "\n")
    }

    private func size(_ policies: [PolicyDocument]) throws -> String {
        try policies.map { "\(try $0.text().utf8.count)" }.joined(separator: ", ")
    }

    private func actions(_ policies: [PolicyDocument]) -> String {
        var seen: Set<String> = []
        return policies.flatMap(\.statements).flatMap(\.actions.patterns).filter { seen.insert($0).inserted }
            .map { $0.split(separator: ":").last.map(String.init) ?? $0 }.joined(separator: ", ")
    }
}
