import ArgumentParser

struct InventoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "The KMS keys of accounts, and what refers to them.",
        subcommands: [InventoryReadCommand.self, InventoryDiffCommand.self, InventoryPageCommand.self],
        defaultSubcommand: InventoryReadCommand.self)
}
