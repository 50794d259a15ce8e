import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Print the policies that a ceremony or an inventory needs; hold a key's own to them.",
        subcommands: [PolicyPrintCommand.self, PolicyInventoryCommand.self, PolicyCheckCommand.self])
}
