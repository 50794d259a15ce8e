import Foundation

/// The tests' FIDO2 authenticator, which the build puts beside them, as ssh-keygen uses it.
package enum SoftwareAuthenticator {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The library that `SSH_SK_PROVIDER` names.
    ///
    /// `KEYRITE_AUTHENTICATOR` names another one, for tests whose own was built for a sanitizer.
    package static func path() throws -> String {
        if let other = ProcessInfo.processInfo.environment["KEYRITE_AUTHENTICATOR"] { return other }
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let library = tests.deletingLastPathComponent().appending(path: "libSoftwareAuthenticator.so").path
        guard FileManager.default.fileExists(atPath: library) else { throw Failure(description: "no \(library)") }
        return library
    }

    /// Makes a key on it without a passphrase: `file` and `file.pub`.
    ///
    /// - Parameters:
    ///   - type: As ssh-keygen's `-t` has it: ecdsa-sk or ed25519-sk.
    ///   - options: ssh-keygen's `-O`.
    /// - Returns: The public key's line without its comment.
    @discardableResult
    package static func enrol(_ type: String, at file: String, options: [String] = []) async throws -> String {
        let command = ["ssh-keygen", "-q", "-t", type, "-w", try path(), "-N", "", "-C", "", "-f", file]
        let made = try await runProcess(command + options.flatMap { ["-O", $0] })
        guard made.status == 0 else { throw Failure(description: made.stderrText) }
        return try String(contentsOfFile: file + ".pub", encoding: .utf8).split(whereSeparator: \.isWhitespace)
            .prefix(2).joined(separator: " ")
    }

    /// Has ssh-keygen sign with a key on it.
    ///
    /// - Parameter flags: What the authenticator says of its user; nil for what OpenSSH asked for.
    /// - Returns: The `.sig` file.
    package static func sign(
        _ message: [UInt8], with file: String, namespace: String, hash: String = "sha512", flags: UInt8? = nil
    ) async throws -> [UInt8] {
        var environment = ["PATH": "/usr/bin:/bin", "SSH_SK_PROVIDER": try path()]
        environment["KEYRITE_AUTHENTICATOR_FLAGS"] = flags.map { String($0, radix: 16) }
        let signed = try await runProcess(
            "ssh-keygen", ["-Y", "sign", "-q", "-f", file, "-n", namespace, "-O", "hashalg=\(hash)"],
            environment: environment, input: message)
        guard signed.status == 0 else { throw Failure(description: signed.stderrText) }
        return signed.stdout
    }
}
