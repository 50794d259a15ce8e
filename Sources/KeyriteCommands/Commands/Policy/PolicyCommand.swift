import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Print the policies that a ceremony needs; hold a key's own to them.",
        subcommands: [PolicyPrintCommand.self, PolicyCheckCommand.self])
}
