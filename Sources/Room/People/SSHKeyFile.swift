import Ceremony
import CryptoPrimitives
import Disk
package import Evidence
import Glibc

/// The file that somebody signs with by ssh-keygen, read to tell whose it is: into locked memory, since it may hold the
/// private key.
package struct SSHKeyFile {
    /// More than any key's file has.
    private static let limit = 64 << 10

    private let path: String
    /// What the file says of itself; nil where it says nothing, or in another form.
    package let publicKey: SSHPublicKey?
    /// Whether it has the public half alone.
    private let isPublic: Bool
    /// Whether ssh-keygen needs a passphrase for it, and nothing else that may be wrong: a key in OpenSSH's own form under a
    /// passphrase, on no authenticator.
    let asksForPassphrase: Bool

    /// - Throws: `DiskError` when it cannot be read; `CryptoError` when memory cannot be locked.
    package init(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw DiskError("open", path) }
        defer { close(descriptor) }
        let bytes = try SecretBytes(capacity: Self.limit) { buffer in
            var count = 0
            while count < buffer.count {
                let got = read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw DiskError("read", path) }
                guard got > 0 else { break }
                count += got
            }
            return count
        }
        self.path = path
        isPublic = bytes.withUnsafeBytes { PrivateKeyArmor($0) == nil }
        publicKey = bytes.withUnsafeBytes { SSHPublicKey(keyFile: $0) }
        asksForPassphrase = bytes.withUnsafeBytes { file in
            guard let armor = PrivateKeyArmor(file), armor.isEncrypted, let blob = armor.publicHalf else {
                return false
            }
            // Its type comes first, after that's length.
            return !blob.dropFirst(4).starts(with: "sk-".utf8)
        }
    }

    /// Refuses a `.pub` file where ssh-keygen would find nothing to sign with: neither in an agent nor beside the file.
    ///
    /// - Throws: `CeremonyError`.
    package func requirePrivateHalf() throws {
        guard let publicKey, isPublic, !isPrivateBeside, SSHAgent.holds(publicKey) == false else { return }
        throw CeremonyError(
            .state, "Nothing can sign with \(PercentEncoding.encode(path)), and nothing was signed",
            remedy: SSHKeygenComplaint.notHeld)
    }

    private var isPrivateBeside: Bool {
        path.hasSuffix(".pub") && access(String(path.dropLast(4)), R_OK) == 0
    }
}
