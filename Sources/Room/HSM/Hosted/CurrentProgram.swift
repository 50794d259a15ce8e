import CSpawn
import Glibc

/// The program that runs.
package enum CurrentProgram {
    /// A path by which other processes start this very program, whatever lies at its own path by now.
    package static var path: String { "/proc/\(getpid())/exe" }

    /// This process's environment without AWS's variables: they may be credentials, which an HSM's module has no use for.
    static func environmentWithoutAWS() -> [String: String] {
        var variables: [String: String] = [:]
        var next = cspawn_environment()
        while let entry = next?.pointee {
            next = next?.advanced(by: 1)
            // Before the value is copied.
            guard strncmp(entry, "AWS_", 4) != 0, let equals = strchr(entry, Int32(UInt8(ascii: "="))) else { continue }
            let name = String(
                decoding: UnsafeRawBufferPointer(start: entry, count: equals - entry), as: UTF8.self)
            variables[name] = String(cString: equals.advanced(by: 1))
        }
        return variables
    }
}
