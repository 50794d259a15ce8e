import ArgumentParser
import Room

/// Who signs, and with what.
struct PersonOptions: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("Who signs, as the roster has them.", valueName: "name"))
    var name: String
    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String?
    @Option(
        help: ArgumentHelp(
            "Sign with this private key, plain or FIDO2, or with the one of this .pub file that an SSH agent holds.",
            valueName: "file"))
    var sshKey: String?

    /// The room, where one was named.
    func readSite() throws -> Site? { try site.map { try InputFile.site($0) } }
}
