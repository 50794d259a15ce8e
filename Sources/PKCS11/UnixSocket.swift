import Glibc

/// The Unix sockets of token servers.
enum UnixSocket {
    /// Whether a server listens there.
    ///
    /// p11-kit's client reports a server that is not there as a module without tokens, which would read as a lost key.
    ///
    /// - Throws: `PKCS11Error` when the path does not fit a socket address or nobody listens.
    static func probe(_ path: String) throws {
        let step = "connecting to a token server"
        guard path.hasPrefix("/") else { throw PKCS11Error(step, .refused("the socket's path must be absolute")) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            let bytes = Array(path.utf8)
            guard bytes.count < field.count else { return false }
            field.copyBytes(from: bytes)
            return true
        }
        guard fits else {
            throw PKCS11Error(
                step, .refused("the socket's path is longer than the 107 bytes a Unix socket may have"),
                remedy: "Use a shorter folder.")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw PKCS11Error(step, .system(String(cString: strerror(errno)))) }
        defer { close(descriptor) }
        let connected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            throw PKCS11Error(
                step, .system("\(path): \(String(cString: strerror(errno)))"),
                remedy: "See that the token server runs and that this user may connect.")
        }
    }

    /// Keeps a server's death from being this process's: p11-kit's client writes to its socket without MSG_NOSIGNAL.
    ///
    /// Process-wide, as SwiftNIO does it too; writing to a closed socket or pipe is then the error EPIPE.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// The address in the form of p11-kit, in which every other byte of the path is percent-encoded.
    static func address(_ path: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./".utf8)
        let hex = Array("0123456789abcdef")
        let encoded = path.utf8.map { byte in
            plain.contains(byte) ? String(UnicodeScalar(byte)) : "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
        }
        return "unix:path=" + encoded.joined()
    }
}
