import Evidence
import Foundation
import TestSupport
import Testing

/// The installed ssh-keygen: keys made by it, signatures made by it, and its opinion of ours.
struct SSHKeygen {
    let folder: TemporaryFolder
    let publicKey: SSHPublicKey

    /// Makes a key pair without a passphrase in a folder of its own.
    ///
    /// - Parameter type: As ssh-keygen's `-t` has it.
    init(type: String) async throws {
        folder = try TemporaryFolder()
        let made = try await runProcess([
            "ssh-keygen", "-q", "-t", type, "-b", "256", "-N", "", "-C", "a comment", "-f", folder.path + "/key",
        ])
        try #require(made.status == 0, "\(made.stderrText)")
        let file = String(decoding: try folder.read("key.pub"), as: UTF8.self)
        publicKey = try SSHPublicKey(line: file.split(separator: " ").prefix(2).joined(separator: " "))
    }

    /// The `.sig` file for a message.
    func sign(_ message: [UInt8], namespace: String, hash: String = "sha512") async throws -> [UInt8] {
        let signed = try await runProcess(
            ["ssh-keygen", "-Y", "sign", "-q", "-f", folder.path + "/key", "-n", namespace, "-O", "hashalg=\(hash)"],
            input: message)
        try #require(signed.status == 0, "\(signed.stderrText)")
        return signed.stdout
    }

    /// Whether `ssh-keygen -Y verify` accepts a signature under an allowed_signers file.
    ///
    /// - Parameter time: As its `verify-time` has it; nil for now.
    static func accepts(
        _ signature: [UInt8], of message: [UInt8], by name: String, namespace: String, allowedSigners: [UInt8],
        time: String? = nil
    ) async throws -> Bool {
        let folder = try TemporaryFolder()
        let signers = try folder.write(allowedSigners, to: "allowed_signers")
        let signature = try folder.write(signature, to: "signature")
        let command = ["ssh-keygen", "-Y", "verify", "-q", "-f", signers, "-I", name, "-n", namespace, "-s", signature]
        let verdict = try await runProcess(
            command + (time.map { ["-O", "verify-time=\($0)"] } ?? []), input: message)
        return verdict.status == 0
    }
}
