import ArgumentParser

/// An option that stands twice in a command line: of two values the parser would take the last one in silence, and with it perhaps
/// another roster than the one that was meant.
enum RepeatedOption {
    /// What may stand several times, for one more each.
    private static let lists: Set = [
        "--administrator", "--alias-pattern", "--events", "--key", "--key-spec", "--role", "--role-arn",
    ]

    /// - Parameter arguments: Of a command line that could be parsed.
    /// - Throws: `ValidationError`.
    static func refuse(in arguments: [String]) throws {
        var seen: Set<Substring> = []
        for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
            let name = argument.prefix { $0 != "=" }
            guard lists.contains(String(name)) || seen.insert(name).inserted else {
                throw ValidationError("\(name) stands twice; give it once.")
            }
        }
    }
}
