import Ceremony
import Evidence
import Foundation
import Glibc
import Processes

/// Signs with a person's own SSH key, by the system's ssh-keygen: a key's file, plain or of a FIDO2 authenticator, or a
/// public key's file whose private key an agent holds.
///
/// Passphrase, PIN and touch are between ssh-keygen and the person, at their terminal: nothing of them comes here.
package struct SSHKeySigner: SignerPort {
    /// Has a program use the terminal by itself meanwhile.
    package typealias Lending = @Sendable (_ use: @Sendable () async throws -> [UInt8]) async throws -> [UInt8]

    /// Where ssh-keygen is looked for: where only root puts programs, whatever PATH says.
    private static let folders = ["/usr/bin", "/usr/local/bin", "/bin"]

    private let file: String
    private let isOver: @Sendable () -> Bool
    private let isInterrupted: @Sendable () -> Bool
    private let lend: Lending

    /// - Parameters:
    ///   - file: The private key's file, or the `.pub` file of one that an agent holds.
    ///   - isOver: Whether nobody waits for the signature any more.
    ///   - isInterrupted: Whether somebody pressed Ctrl-C meanwhile.
    ///   - lend: Lends it the terminal; by default nobody else uses that.
    /// - Throws: `CeremonyError` when there is no such file.
    package init(
        file: String, isOver: @escaping @Sendable () -> Bool = { false },
        isInterrupted: @escaping @Sendable () -> Bool = { false }, lend: @escaping Lending = { try await $0() }
    ) throws {
        guard access(file, R_OK) == 0 else {
            throw CeremonyError(
                .invalidInput, "The key \(PercentEncoding.encode(file)) cannot be read",
                remedy: "Name a private key's file, or the .pub file of a key that your SSH agent holds")
        }
        // Nobody reads all that they sign, only to learn then that they named their folder of keys.
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CeremonyError(
                .invalidInput, "The key \(PercentEncoding.encode(file)) is no file",
                remedy: "Name a private key's file, or the .pub file of a key that your SSH agent holds")
        }
        // Not to be taken for an option, whatever it is called.
        self.file = file.hasPrefix("/") ? file : "./" + file
        self.isOver = isOver
        self.isInterrupted = isInterrupted
        self.lend = lend
    }

    package func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        let program = try Self.program()
        let command = [program, "-Y", "sign", "-q", "-f", file, "-n", namespace]
        let tries = Self.canAsk && (try? SSHKeyFile(file))?.asksForPassphrase == true ? Self.tries : 1
        return try await lend { [self] in
            // What was typed after the last question is not for whoever reads the terminal next.
            defer { Self.discardTyped() }
            var left = tries
            while true {
                left -= 1
                do { return try await run(command, on: message) } catch ForegroundProgram.Failure.ended(.exited, _)
                    where left > 0
                {
                    let tries = left == 1 ? "1 try is" : "\(left) tries are"
                    // In two lines, so that a narrow terminal breaks neither.
                    Self.say("Nothing was signed.\nssh-keygen asks again; \(tries) left.\n")
                } catch { throw failure(error) }
            }
        }
    }

    /// How often a passphrase is asked for. An authenticator's PIN never is a second time: wrong ones lock it.
    private static let tries = 3

    private func run(_ command: [String], on message: [UInt8]) async throws -> [UInt8] {
        try await ForegroundProgram(
            command, environment: Self.environment(), isOver: isOver, isInterrupted: isInterrupted
        ).output(of: message)
    }

    private func failure(_ error: any Error) -> any Error {
        guard let failure = error as? ForegroundProgram.Failure else { return error }
        if case .ended(.killed(SIGINT), _) = failure {
            return CeremonyError(
                .state, "Nothing was signed with \(PercentEncoding.encode(file)): Ctrl-C ended ssh-keygen",
                remedy: "Run the command again to decide")
        }
        let what = "Nothing was signed with \(PercentEncoding.encode(file)), since ssh-keygen \(failure)"
        if case .ended(_, let said) = failure, let complaint = SSHKeygenComplaint(said, canAsk: Self.canAsk) {
            return CeremonyError(.state, what, remedy: complaint.remedy)
        }
        return CeremonyError(
            .state, what,
            remedy:
                "What ssh-keygen had to say stands above. See that the file, its passphrase, the agent, or the "
                + "authenticator and its library (SSH_SK_PROVIDER) are at hand, and run the command again"
                + (Self.canAsk
                    ? "" : ". If it wanted a passphrase or a PIN, it could ask nobody: \(SSHKeygenComplaint.asking)"))
    }

    private static func say(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func discardTyped() {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return }
        tcflush(terminal, TCIFLUSH)
        close(terminal)
    }

    /// Makes an Ed25519 key without a passphrase, for a rehearsal.
    ///
    /// - Parameter file: The private key's absolute path; it must not exist.
    /// - Throws: `CeremonyError` without ssh-keygen, or when it makes none.
    static func makeKey(at file: String, comment: String) async throws {
        let command = [try program(), "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]
        do {
            _ = try await ForegroundProgram(command, environment: environment()).output(of: [])
        } catch let failure as ForegroundProgram.Failure {
            throw CeremonyError(
                .environment, "No key was made at \(PercentEncoding.encode(file)), since ssh-keygen \(failure)",
                remedy: "What ssh-keygen had to say stands above")
        }
    }

    /// Whether this process has a terminal, where ssh-keygen asks.
    private static var canAsk: Bool {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return false }
        close(terminal)
        return true
    }

    private static func program() throws -> String {
        guard let program = folders.map({ $0 + "/ssh-keygen" }).first(where: { access($0, X_OK) == 0 }) else {
            throw CeremonyError(
                .environment, "There is no ssh-keygen in \(folders.joined(separator: ", "))",
                remedy: "Install the package openssh-client")
        }
        return program
    }

    /// The agent, the authenticator's library, the kind of terminal: nothing else reaches it from this process.
    private static func environment() -> [String: String] {
        let given = ProcessInfo.processInfo.environment
        var environment = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]
        for name in ["SSH_AUTH_SOCK", "SSH_SK_PROVIDER", "TERM"] { environment[name] = given[name] }
        environment["HOME"] = PersonalFolder.home
        return environment
    }
}
