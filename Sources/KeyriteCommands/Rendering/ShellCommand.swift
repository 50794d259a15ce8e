import Foundation

/// A command line that people can copy into a shell as it stands.
enum ShellCommand {
    /// This very program with arguments, by its own path, since it may be on no PATH.
    static func keyrite(_ arguments: String...) throws -> String {
        ([try Program.path()] + arguments).map(quoted).joined(separator: " ")
    }

    /// One word of a command line, in quotes where a shell would read it otherwise (POSIX, Shell Command Language, 2.2).
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
