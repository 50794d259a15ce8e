import COpenSSL
import Glibc

extension SHA256Digest {
    /// What kept a file from being read.
    package struct Unread: Error, Hashable, Sendable, CustomStringConvertible {
        /// Nil where only its descriptor was known.
        package let path: String?
        /// An error number of open(2) or pread(2).
        package let code: Int32

        package var reason: String { String(cString: strerror(code)) }
        package var description: String { "\(path ?? "a file") cannot be read: \(reason)" }
    }

    /// How much of a file is in memory at a time.
    private static let piece = 1 << 20

    /// The digest of all that a file holds. `/proc/self/exe` is the program that runs, whatever lies at its path by now.
    ///
    /// - Throws: `Unread`, `CryptoError`.
    package init(ofFileAt path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unread(path: path, code: errno) }
        defer { close(descriptor) }
        try self.init(descriptor, path)
    }

    /// The same of an open file, from its first byte on, wherever the descriptor stands.
    ///
    /// - Parameter end: How many of its bytes; by default all.
    package init(ofFile descriptor: Int32, upTo end: Int = .max) throws { try self.init(descriptor, nil, upTo: end) }

    private init(_ descriptor: Int32, _ path: String?, upTo end: Int = .max) throws {
        let context = try require(EVP_MD_CTX_new(), "cannot make a digest context")
        defer { EVP_MD_CTX_free(context) }
        try require(EVP_DigestInit_ex(context, EVP_sha256(), nil), "cannot start hashing")
        var bytes = [UInt8](repeating: 0, count: Self.piece)
        var offset: off_t = 0
        while offset < end {
            let count = pread(descriptor, &bytes, min(bytes.count, end - Int(offset)), offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unread(path: path, code: errno) }
            if count == 0 { break }
            try require(EVP_DigestUpdate(context, bytes, count), "cannot hash")
            offset += off_t(count)
        }
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        try require(EVP_DigestFinal_ex(context, &digest, &length), "cannot hash")
        guard length == digest.count else { throw CryptoError("a digest has another size than its hash", reasons: []) }
        self.init(whole: digest)
    }
}
