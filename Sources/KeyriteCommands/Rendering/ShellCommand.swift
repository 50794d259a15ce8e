import Ceremony

/// A command line that people can copy into a shell as it stands.
enum ShellCommand {
    /// This very program with arguments, by its own path, since it may be on no PATH.
    static func keyrite(_ arguments: String...) throws -> String {
        ([try Program.path()] + arguments).map(ShellWord.quoted).joined(separator: " ")
    }
}
