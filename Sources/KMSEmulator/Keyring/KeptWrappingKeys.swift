package import CryptoPrimitives
import Disk
import Glibc

/// RSA key pairs in a folder, each made once: whoever asks for the first, the second and so on gets the same at each start.
///
/// It is for tests, which start many emulators of the same program: making key pairs would be a good part of all that they do.
package struct KeptWrappingKeys: Sendable {
    /// A 4096-bit key has some 2,400 bytes.
    private static let sizeLimit = 8192

    private let folder: String

    /// - Parameter folder: Made if it is not there, for its owner's eyes only.
    /// - Throws: `StateError` when it cannot be, or is no folder.
    package init(at folder: String) throws {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw StateError(DiskError("make the folder", folder).cause)
        }
        try StateError.ofDisk { _ = try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY) }
        self.folder = folder
    }

    /// - Parameters:
    ///   - number: From 1.
    ///   - bits: The modulus's size.
    /// - Throws: `CryptoError` or `DiskError` when it cannot be made, kept or read.
    package func key(_ number: Int, bits: Int) throws -> PrivateKey {
        let file = "\(folder)/RSA_\(bits)-\(number)"
        if let kept = try read(file, bits: bits) { return kept }
        let made = try PrivateKey(generating: .rsa(bits: bits))
        // Another that makes the same one meanwhile has a file of its own: the last one is kept.
        let partial = try PartialFile.make(at: "\(file).\(getpid())")
        try made.pkcs8().withUnsafeBytes { try partial.put($0, at: file) }
        return made
    }

    /// - Returns: nil when there is none.
    private func read(_ path: String, bits: Int) throws -> PrivateKey? {
        let bytes: [UInt8]
        do { bytes = try OpenFile(path, flags: O_RDONLY).readAll(limit: Self.sizeLimit) } catch let error as DiskError
            where error.code == ENOENT
        {
            return nil
        }
        let key = try PrivateKey(
            pkcs8: try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }, isChecked: true)
        guard key.algorithm == .rsa(bits: bits) else {
            throw CryptoError("\(path) is no RSA key of \(bits) bits", reasons: [])
        }
        return key
    }
}
