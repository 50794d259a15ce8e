import ArgumentParser
import Ceremony
import Estate
import Room

struct PolicyInventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Print the IAM policy of whoever takes an inventory.",
        discussion: """
            Without a word more it is the policy of whoever reads an account: of the site's own credentials, or of the role in \
            each account that is entered. With --role, --roles or --organization it is that of the site's own credentials, \
            which assume these roles. It lets nobody change anything, or see what is encrypted.

            A key whose policy leaves nothing to its account's IAM policies must name the reader itself. What is \
            printed is for aws iam create-policy, as it stands.
            """)

    @Option(
        help: ArgumentHelp("A role that the site's credentials assume. May be repeated.", valueName: "arn"))
    var role: [String] = []
    @Option(help: ArgumentHelp("The same of a list of roles (YAML or JSON).", valueName: "file"))
    var roles: String?
    @Option(
        help: ArgumentHelp(
            "The name of the role that they assume in each account of the organization.", valueName: "role-name"))
    var organization: String?
    @Option(help: "The partition: aws, aws-cn, aws-us-gov.")
    var partition = "aws"
    @Option(help: ArgumentHelp("Of several policies, this one.", valueName: "n"))
    var part: Int?

    func validate() throws {
        try InventoryScope.requireRoleName(organization)
        guard partition.wholeMatch(of: /aws[a-z\-]{0,17}/) != nil else {
            throw ValidationError("--partition takes the name of one, such as aws or aws-cn.")
        }
    }

    func run() throws {
        guard !role.isEmpty || roles != nil || organization != nil else {
            return Output.data(try ReaderPolicies.account.text())
        }
        let named = try InventoryScope.namedRoles(role, listed: roles, in: partition)
        let policies = try ReaderPolicies.entrance(
            roles: named.map(\.arn), organization: organization, partition: partition)
        guard let policy = policies.count == 1 ? policies[0] : part.flatMap({ at(policies, $0 - 1) }) else {
            throw CeremonyError(
                .invalidInput, "So many roles need \(policies.count) policies",
                remedy: "Print each with --part, 1 to \(policies.count), and attach them all")
        }
        Output.data(try policy.text())
    }

    private func at(_ policies: [PolicyDocument], _ index: Int) -> PolicyDocument? {
        policies.indices.contains(index) ? policies[index] : nil
    }
}
