import Glibc
import Room

/// The terminal of a command that asks nobody anything itself, for a host's key that has a passphrase.
enum HostKeyTerminal {
    /// Has ssh-keygen sign, which asks at the command's terminal by itself, in the foreground with this process.
    static let lend: SSHKeySigner.Lending = { use in
        try await WorkLine.lend {
            if isatty(STDIN_FILENO) == 1 {
                Output.toPeople("ssh-keygen signs with this host's key. It may ask for its passphrase.")
            }
            return try await use()
        }
    }
}
