import AWS
import Foundation

/// Everything that a keyring remembers from one start to the next.
struct KeyringState: Sendable {
    /// By ARN.
    var keys: [String: ManagedKey] = [:]
    /// By ARN.
    var aliases: [String: Alias] = [:]
    /// By token.
    var imports: [Blob: ImportParameters] = [:]
    /// Seconds by which the service's time differs from the host's.
    var clockOffset: TimeInterval = 0

    /// The names of what changed.
    struct Names {
        var keys: Set<String> = []
        var aliases: Set<String> = []
        var imports: Set<Blob> = []
        var clock = false

        var isEmpty: Bool { keys.isEmpty && aliases.isEmpty && imports.isEmpty && !clock }
    }

    /// Names of all there is.
    var names: Names {
        Names(keys: Set(keys.keys), aliases: Set(aliases.keys), imports: Set(imports.keys), clock: true)
    }
}
