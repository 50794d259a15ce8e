import CryptoPrimitives
import Foundation

/// A program that prints credentials: `credential_process`.
///
/// It is started without a shell. What it prints is read into locked memory; what it says on standard error is not read
/// at all, since nobody knows what is in it.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
struct CredentialProcess: Sendable {
    private let command: [String]
    /// For errors: the arguments may be secrets, so they are not told.
    private let name: String
    /// What to do when it fails, for errors.
    private let remedy: String
    private let timeout: Double

    /// - Parameters:
    ///   - setting: The command line, split into words as a POSIX shell would.
    ///   - profile: Its profile, for errors.
    ///   - timeout: In seconds, from its start to its end.
    /// - Throws: `AWSError.configuration` for a line that is no command.
    init(_ setting: INIValue, profile: String, timeout: Double) throws {
        guard let words = try? ShellWords.split(setting.text), let program = words.first, !program.isEmpty else {
            throw AWSError.configuration("\(setting.place): the credential_process is no command; check its quotes")
        }
        self.init(
            command: words,
            name: "the credential_process of the AWS profile \(profile), \(Printable.text(program, limit: 200)),",
            timeout: timeout)
    }

    /// - Parameters:
    ///   - command: The program and its arguments.
    ///   - name: Who that is, for errors: the beginning of a sentence.
    ///   - remedy: What to do when it fails, for errors.
    ///   - timeout: In seconds, from its start to its end.
    init(command: [String], name: String, remedy: String = "run it by hand to see why", timeout: Double) {
        self.command = command
        self.name = name
        self.remedy = remedy
        self.timeout = timeout
    }

    /// Runs it.
    ///
    /// - Throws: `AWSError.configuration` telling what became of it; `CryptoError` when memory cannot be locked.
    func credentials(at now: Date) async throws -> Credentials {
        let run = ProgramRun(command: command, timeout: timeout)
        let output: SecretBytes
        do {
            // The wait blocks, and the pool's threads are few.
            output = try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try run.output() }) }
            }
        } catch let failure as ProgramRun.Failure {
            throw AWSError.configuration("\(name) \(failure); \(remedy)")
        }
        do {
            return try CredentialProcessAnswer.read(output, from: name, at: now)
        } catch let malformed as SecretJSON.Malformed {
            throw AWSError.configuration(
                "\(name) printed what is no JSON object (\(malformed.reason)); correct it")
        }
    }
}
