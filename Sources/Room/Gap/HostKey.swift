import Ceremony
import Disk
package import Evidence
import Foundation
import Glibc

/// The key with which a host of an air gap signs: an SSH key's file, or the `.pub` file of one that an agent holds.
package struct HostKey: Sendable {
    private let setting: GapSetting
    private let lend: SSHKeySigner.Lending

    /// - Parameter lend: Lends ssh-keygen the terminal, which a key with a passphrase needs.
    package init(_ setting: GapSetting, lend: @escaping SSHKeySigner.Lending = { try await $0() }) {
        self.setting = setting
        self.lend = lend
    }

    /// Makes a rehearsal's pair, Ed25519 and without a passphrase.
    ///
    /// - Parameters:
    ///   - file: The private key's, which must not exist; `.pub` comes beside it.
    ///   - name: The comment in it.
    /// - Throws: `CeremonyError` without ssh-keygen, or when it does not make one.
    static func make(at file: String, named name: String) async throws {
        try await SSHKeySigner.makeKey(at: file, comment: name)
    }

    /// - Returns: An armored SSHSIG.
    package func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try await SSHKeySigner(file: setting.key, lend: lend).sign(message, namespace: namespace)
    }

    /// The public half, as `TYPE BASE64`.
    ///
    /// - Throws: `CeremonyError` naming the file, when it is none that a plan can have.
    package func publicKey() throws -> String { try readPublicKey().1.key }

    /// The host as a plan has it, once its key has signed something that its public key then verified.
    ///
    /// - Parameters:
    ///   - message: What is signed, for nobody but this check.
    ///   - mode: Whose namespace of what hosts say of themselves it is signed in.
    /// - Throws: `CeremonyError` naming the file, when the two are no pair or none that a plan can have.
    package func host(proving message: [UInt8], in mode: Mode) async throws -> GapHost {
        let (file, host) = try readPublicKey()
        let signature = try await sign(message, namespace: mode.hostNamespace)
        do {
            try SSHSignature(armored: signature).verify(
                message: message, namespace: mode.hostNamespace, key: try host.publicKey())
        } catch {
            throw CeremonyError(
                .invalidInput, "\(file): the private key beside it is not its own: \(error)",
                remedy: "Put the public key there that belongs to it: ssh-keygen -y")
        }
        return host
    }

    private func readPublicKey() throws -> (file: String, GapHost) {
        let file = setting.key.hasSuffix(".pub") ? setting.key : setting.key + ".pub"
        func unfit(_ why: String) -> CeremonyError {
            CeremonyError(
                .invalidInput, "\(PercentEncoding.encode(file)): \(why)",
                remedy: "Have the host's public key there, Ed25519 or ECDSA P-256: ssh-keygen -t ed25519 makes a pair")
        }
        let bytes: [UInt8]
        do { bytes = try OpenFile(file, flags: O_RDONLY).readAll(limit: 1 << 16) } catch { throw unfit("\(error)") }
        // The third field is a comment.
        let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).prefix(2)
        let host = GapHost(host: setting.host, key: fields.joined(separator: " "))
        let key: SSHPublicKey
        do { key = try host.publicKey() } catch { throw unfit("\(error)") }
        guard key.application == nil else {
            throw unfit("the key is on an authenticator, which nobody would be there to touch")
        }
        return (file, host)
    }
}
