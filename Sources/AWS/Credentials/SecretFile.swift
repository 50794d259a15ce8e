import CryptoPrimitives
import Glibc

/// A file that may hold secrets, read into locked memory.
enum SecretFile {
    /// - Parameter limit: The most bytes that it may have.
    /// - Returns: Nil where there is no such file, or what is there is none.
    /// - Throws: `AWSError.configuration` for what cannot be read; `CryptoError` when memory cannot be locked.
    static func contents(of path: String, limit: Int) throws -> SecretBytes? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw unreadable(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path) }
        // A device or a pipe is no settings file; AWS_CONFIG_FILE=/dev/null is how people say that there is none.
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try SecretBytes(capacity: limit) { buffer in
            var end = 0
            while end < buffer.count {
                let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: end), buffer.count - end)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw unreadable(path) }
                if count == 0 { return end }
                end += count
            }
            throw AWSError.configuration(
                "\(Printable.text(path, limit: 300)) has more than \(limit) bytes; name another file")
        }
    }

    /// A token that stands alone in its file, and can stand in a request.
    ///
    /// - Parameter what: It, for errors.
    /// - Throws: `AWSError.configuration`, `CryptoError` when memory cannot be locked.
    static func token(at path: String, of what: String) throws -> SecretBytes {
        let name = Printable.text(path, limit: 300)
        // STS takes 20,000 bytes of a web identity token, and a header fewer.
        guard let token = try contents(of: path, limit: 20_001) else {
            throw AWSError.configuration("\(what) is to be in \(name), which is no file; correct its path")
        }
        guard token.withUnsafeBytes({ !$0.isEmpty && $0.allSatisfy { (0x20...0x7E).contains($0) } }) else {
            throw AWSError.configuration(
                "\(name) holds no token that can be sent: it is empty, or has a line's end or another control character in "
                    + "it; write \(what) there and nothing else")
        }
        return token
    }

    private static func unreadable(_ path: String) -> AWSError {
        .configuration(
            "\(Printable.text(path, limit: 300)) cannot be read: \(String(cString: strerror(errno))); "
                + "check its permissions")
    }
}
