import Ceremony
import CryptoPrimitives
import Glibc

/// The environment that this program was started with. What the program itself has set since is not the room's doing.
package enum StartingEnvironment {
    /// The names of the variables that are set to something. Their values, which may be secret, pass through one locked page.
    ///
    /// - Throws: `CeremonyError` when it cannot be read; `CryptoError` when memory cannot be locked.
    package static func names() throws -> Set<String> {
        let descriptor = open("/proc/self/environ", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable() }
        defer { close(descriptor) }
        var reader = Reader()
        _ = try SecretBytes(capacity: 4096) { page in
            while true {
                let count = read(descriptor, page.baseAddress, page.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw unreadable() }
                if count == 0 { return 0 }
                page.prefix(count).forEach { reader.take($0) }
            }
        }
        return reader.names
    }

    private static func unreadable() -> CeremonyError {
        CeremonyError(
            .environment,
            "This program's environment, /proc/self/environ, cannot be read: \(String(cString: strerror(errno)))",
            remedy: "Start it where /proc is mounted")
    }

    /// Reads `NAME=VALUE` with a zero byte after each (proc(5)), and keeps nothing of a value.
    private struct Reader {
        var names: Set<String> = []
        private var name: [UInt8] = []
        private var isName = true

        mutating func take(_ byte: UInt8) {
            switch (byte, isName) {
            case (0, _): (name, isName) = ([], true)
            case (UInt8(ascii: "="), true): isName = false
            case (_, true): name.append(byte)
            case (_, false) where name.isEmpty: break
            case (_, false):
                names.insert(String(decoding: name, as: UTF8.self))
                name = []
            }
        }
    }
}
