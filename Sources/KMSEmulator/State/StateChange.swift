import AWS
import Foundation

/// What one call changed, as it stands in the state file: records as they are afterwards, and names of those that went.
struct StateChange: Codable, Sendable {
    private let keys: [ManagedKey]?
    private let removedKeys: [String]?
    private let aliases: [Alias]?
    private let removedAliases: [String]?
    private let imports: [ImportParameters]?
    private let removedImports: [Blob]?
    private let clockOffset: TimeInterval?

    /// The records of `state` that have these names, and these names without a record.
    init(_ state: KeyringState, _ names: KeyringState.Names) {
        func split<Name: Hashable, Record>(_ names: Set<Name>, _ records: [Name: Record]) -> ([Record]?, [Name]?) {
            let (kept, removed) = (names.compactMap { records[$0] }, names.filter { records[$0] == nil })
            return (kept.isEmpty ? nil : kept, removed.isEmpty ? nil : Array(removed))
        }
        (keys, removedKeys) = split(names.keys, state.keys)
        (aliases, removedAliases) = split(names.aliases, state.aliases)
        (imports, removedImports) = split(names.imports, state.imports)
        clockOffset = names.clock ? state.clockOffset : nil
    }

    func apply(to state: inout KeyringState) {
        for key in keys ?? [] { state.keys[key.arn] = key }
        for arn in removedKeys ?? [] { state.keys[arn] = nil }
        for alias in aliases ?? [] { state.aliases[alias.arn] = alias }
        for arn in removedAliases ?? [] { state.aliases[arn] = nil }
        for parameters in imports ?? [] { state.imports[parameters.token] = parameters }
        for token in removedImports ?? [] { state.imports[token] = nil }
        if let clockOffset { state.clockOffset = clockOffset }
    }
}
