import AWS
import ArgumentParser
import Ceremony
import Disk
import Estate
import Evidence
import Foundation
import Glibc
import KMSEmulator
import PKCS11
import Room

/// The program: parses, runs one command, and ends with the exit code that DESIGN gives every outcome.
package enum Program {
    package static func main() async {
        // There from the start, before there are threads: who talks to a token server then replaces it, which is safe.
        setenv("P11_KIT_SERVER_ADDRESS", "", 0)
        // Whoever started this program may have the ends of children ignored, which it would pass on to us.
        signal(SIGCHLD, SIG_DFL)
        Glibc.exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// The path of the file that this process runs.
    static func path() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// Runs one command line.
    ///
    /// - Returns: The exit code.
    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try KeyriteCommand.parseAsRoot(arguments)
            try RepeatedOption.refuse(in: arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch {
            return report(error)
        }
    }

    private static let evidenceRemedy =
        "Do not go on with this folder before it is found out; restore the file as it was"

    private static func report(_ error: any Error) -> Int32 {
        if let status = error as? ExitStatus { return status.rawValue }
        if KeyriteCommand.exitCode(for: error) == .success {
            Output.data(KeyriteCommand.fullMessage(for: error))
            return ExitStatus.done.rawValue
        }
        if KeyriteCommand.exitCode(for: error) == .validationFailure {
            Output.toPeople(KeyriteCommand.fullMessage(for: error))
            return ExitStatus.invalidInput.rawValue
        }
        Output.toPeople("keyrite: " + words(for: error))
        return ExitStatus(for: error).rawValue
    }

    /// What went wrong and what to do about it.
    package static func words(for error: any Error) -> String {
        switch error {
        case let error as EvidenceError: "\(error). \(error.remedy ?? evidenceRemedy)"
        case let stopped as StoppedUnknowing:
            if case AWSError.service(let refused) = stopped.error {
                "\(refused). \(stopped.earlier). \(ServiceRefused.remedy(for: refused.code.rawValue))"
            } else {
                "\(stopped)"
            }
        case AWSError.unreachable(_, let endpoint, _) where endpoint.isLoopback:
            "\(error) If it is the KMS of a keyrite rehearse that was killed, or is over, it ended with it: that rehearsal is not "
                + "resumed. Hold another one; keyrite verify says how far that one got."
        case let refused as PINRefused: "\(refused) Be sure of the PIN before you run the command again"
        case let lost as NotOnRecord: "\(words(for: lost.error).withoutStop). \(lost.words)"
        case AWSError.service(let refused):
            "\(refused). It changed nothing. \(ServiceRefused.remedy(for: refused.code.rawValue))"
        default: "\(error)"
        }
    }
}

/// How a command ended, as scripts learn it.
package enum ExitStatus: Int32, Error {
    case done = 0
    case failed = 1
    /// Usage, or invalid input.
    case invalidInput = 2
    /// A gate waits for people.
    case waiting = 3
    /// The evidence does not verify, is not anchored, or is not closed.
    case notVerified = 4
    /// There are findings.
    case findings = 5

    package init(for error: any Error) {
        switch error {
        case let stopped as StoppedUnknowing: self.init(for: stopped.error)
        case let lost as NotOnRecord: self.init(for: lost.error)
        case let lost as DecisionNotKept: self.init(for: lost.error)
        case is EvidenceError: self = .notVerified
        case let error as CeremonyError where error.kind == .invalidInput: self = .invalidInput
        case let error as EstateError where error.isUntold: self = .failed
        case is RosterError, is CanonicalJSONError, is KMSEmulator.StartError, is EstateError, is PolicyError,
            AWSError.configuration:
            self = .invalidInput
        case let error as PKCS11Error where error.isMisnamed: self = .invalidInput
        case let error as DiskError where [ENOENT, ENOTDIR, EEXIST, EACCES, EROFS].contains(error.code):
            self = .invalidInput
        default: self = .failed
        }
    }
}

struct KeyriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keyrite", abstract: "Attended HSM key ceremonies for AWS KMS.", version: "0.1.0",
        subcommands: [
            RehearseCommand.self, DoctorCommand.self, RosterCommand.self, PlanCommand.self, RunCommand.self,
            ApproveCommand.self, StatusCommand.self, TrustCommand.self, TimeStampCommand.self, AttestCommand.self,
            VerifyCommand.self, ReconcileCommand.self, PolicyCommand.self, InventoryCommand.self, ImpactCommand.self,
            HostCommand.self, EmulatorCommand.self, HSMHostCommand.self,
        ])
}
