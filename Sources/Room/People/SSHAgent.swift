import Evidence
import Glibc

/// The SSH agent of whoever runs this program, which SSH_AUTH_SOCK names.
enum SSHAgent {
    /// The most bytes of an answer: OpenSSH's own bound.
    private static let limit = 256 << 10
    /// In seconds. An agent may ask somebody to unlock it first.
    private static let patience = 10

    /// Whether it holds a key.
    ///
    /// - Returns: nil where it does not say so; false without an agent.
    static func holds(_ key: SSHPublicKey) -> Bool? {
        guard let path = getenv("SSH_AUTH_SOCK").map({ String(cString: $0) }), !path.isEmpty else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var wait = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &wait, socklen_t(MemoryLayout<timeval>.size))
        }
        guard connects(descriptor, to: path) else { return false }
        let request = AgentKeys.request
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count,
            let start = read(4, from: descriptor), let length = AgentKeys.length(start), length <= limit,
            let answer = read(length, from: descriptor), let blobs = AgentKeys.blobs(in: answer)
        else { return nil }
        return blobs.contains(key.blob)
    }

    private static func connects(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard bytes.count < field.count else { return false }
            field.copyBytes(from: bytes)
            return true
        }
        return fits
            && withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
    }

    private static func read(_ count: Int, from descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let part = bytes.withUnsafeMutableBytes { buffer in
                recv(descriptor, buffer.baseAddress?.advanced(by: got), count - got, 0)
            }
            if part < 0, errno == EINTR { continue }
            guard part > 0 else { return nil }
            got += part
        }
        return bytes
    }
}
