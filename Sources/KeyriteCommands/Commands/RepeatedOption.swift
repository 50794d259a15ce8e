import ArgumentParser

/// An option of `verify` that stands twice: of two values the parser would take the last one in silence, and with it perhaps
/// another roster than the one that was meant. None of them may stand several times.
enum RepeatedOption {
    /// - Parameter arguments: Of a command line that could be parsed.
    /// - Throws: `ValidationError`.
    static func refuse(in arguments: [String]) throws {
        guard arguments.first == VerifyCommand.configuration.commandName else { return }
        var seen: Set<Substring> = []
        for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
            let name = argument.prefix { $0 != "=" }
            guard seen.insert(name).inserted else { throw ValidationError("\(name) stands twice; give it once.") }
        }
    }
}
