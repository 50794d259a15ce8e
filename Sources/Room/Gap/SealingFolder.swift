import Ceremony
package import CryptoPrimitives
import Disk
import Evidence
import Foundation
import Glibc

/// The private keys of this host's sealing certificates, in files of its memory's folder, for the owner's eyes only.
///
/// A key is destroyed by writing zeros over its file, waiting until they are on the medium, and taking its name away. That
/// destroys it on a disk that writes in place. Flash (SSDs, USB sticks, SD cards) writes elsewhere and erases in its own
/// time, and file systems that copy on write or journal their data, snapshots and backups do the like: a copy can stay
/// there. Where that matters, have the memory's folder on an encrypted volume or in memory (tmpfs). What the key opens then is
/// still wrapped for KMS: it shows nobody material, but it would let its finder open what a medium carried.
package struct SealingFolder: Sendable {
    private static let folder = "sealing"
    /// More than any such file has.
    private static let sizeLimit = 64 << 10

    private let root: String

    /// - Parameter memory: This host's memory, made when it is first needed.
    package init(memory: String) { root = memory }

    /// Makes a key and keeps it, durably.
    ///
    /// - Parameter host: Whose it is: the certificate's common name.
    /// - Returns: Its certificate.
    package func make(for host: String) throws -> SealingCertificate {
        let key = try SealingKey(generatingFor: host)
        let folder = try DiskFolder.made(at: root)
        try key.pem().withUnsafeBytes { try folder.write($0, to: Self.path(key.certificate.digest)) }
        return key.certificate
    }

    /// - Parameter certificate: The SHA-256 of its DER.
    package func has(_ certificate: SHA256Digest) throws -> Bool { try Self.exists(file(certificate)) }

    /// Whether a key was destroyed here.
    ///
    /// - Parameter certificate: The SHA-256 of its certificate's DER.
    package func hasDestroyed(_ certificate: SHA256Digest) throws -> Bool {
        guard try !has(certificate) else { return false }
        return try Self.exists(root + "/" + Self.tracePath(certificate))
    }

    private static func exists(_ path: String) throws -> Bool {
        guard access(path, F_OK) != 0 else { return true }
        guard errno == ENOENT || errno == ENOTDIR else { throw DiskError("look at", path) }
        return false
    }

    /// Opens what was sealed to a certificate.
    ///
    /// - Throws: `CeremonyError` when its key is not here, or is damaged; `CryptoError` when what was sealed does not hold.
    package func open(_ sealed: [UInt8], certificate: SHA256Digest) throws -> [UInt8] {
        try key(of: certificate).open(sealed)
    }

    private func key(of certificate: SHA256Digest) throws -> SealingKey {
        let path = file(certificate)
        guard try has(certificate) else {
            throw CeremonyError(
                .state, "The private key of the sealing certificate \(certificate) is not on this host: no \(path)",
                remedy:
                    "Run on the host on which the plan was frozen, with the site that it was frozen with. If that key was lost with "
                    + "its disk, nothing opens what was sealed, and another key cannot take its place: end this ceremony (an attended "
                    + "run, ^Q), and freeze a new plan. Before that look at the key's materials in KMS: what the lost disk imported "
                    + "may wait there")
        }
        do {
            let key = try SealingKey(pem: try OpenFile(path, flags: O_RDONLY).readSecret(limit: Self.sizeLimit))
            guard key.certificate.digest == certificate else {
                throw CryptoError("it is of another certificate", reasons: [])
            }
            return key
        } catch let error as CryptoError {
            throw CeremonyError(
                .state, "The sealing key \(path) cannot be used: \(error)",
                remedy: "If it is damaged, nothing opens what was sealed: abort this ceremony and plan another")
        }
    }

    /// Destroys a key, as far as the medium lets: see above. One that is not there is no error, and leaves no trace of having been
    /// destroyed.
    package func destroy(_ certificate: SHA256Digest) throws {
        guard access(root, F_OK) == 0 else { return }
        let folder = try DiskFolder(at: root)
        // First: whoever is killed in between finds the key still, or that it was destroyed.
        if try has(certificate) { try folder.write([], to: Self.tracePath(certificate)) }
        // A killed writer's, too.
        for path in [Self.path(certificate), Self.partialPath(certificate)] {
            do { try OpenFile(root + "/" + path, flags: O_WRONLY).overwrite() } catch let error as DiskError {
                guard error.code == ENOENT || error.code == ENOTDIR else { throw error }
                continue
            }
            try folder.remove(path)
        }
    }

    /// The path of a certificate's key, for `openssl cms -decrypt`.
    package func file(_ certificate: SHA256Digest) -> String { root + "/" + Self.path(certificate) }

    private static func path(_ certificate: SHA256Digest) -> String { "\(folder)/\(certificate.hex).pem" }

    /// What a key that was destroyed leaves: an empty file.
    private static func tracePath(_ certificate: SHA256Digest) -> String { "\(folder)/\(certificate.hex).destroyed" }

    /// As `DiskFolder` calls what it is still writing.
    private static func partialPath(_ certificate: SHA256Digest) -> String {
        "\(folder)/.\(certificate.hex).pem\(Manifest.partialSuffix)"
    }
}

extension OpenFile {
    /// Reads the whole file into locked memory.
    ///
    /// - Parameter limit: The most bytes that it may have.
    fileprivate func readSecret(limit: Int) throws -> SecretBytes {
        let size = try regularSize()
        guard size <= limit else { throw DiskError("read", path, code: EFBIG) }
        return try SecretBytes(capacity: size) { buffer in
            var offset = 0
            while offset < size {
                let count = pread(
                    descriptor, buffer.baseAddress?.advanced(by: offset), size - offset, off_t(offset))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw DiskError("read", path, code: count < 0 ? errno : EIO) }
                offset += count
            }
            return size
        }
    }

    /// Writes zeros over all of it, and waits until they are on the medium.
    fileprivate func overwrite() throws {
        let zeros = [UInt8](repeating: 0, count: try regularSize())
        try writeAll(zeros)
        try sync()
    }
}
