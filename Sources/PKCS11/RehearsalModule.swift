import Foundation
import Glibc

/// The rehearsal's PKCS#11 module, libRehearsalToken.so, which the build puts beside the program.
package enum RehearsalModule {
    /// The model that the module's tokens, and no others, say they are.
    package static let tokenModel = "REHEARSAL-ONLY"

    /// Finds the module.
    ///
    /// - Returns: `KEYRITE_REHEARSAL_MODULE` where that is set, else the absolute path of the library beside the program.
    /// - Throws: `PKCS11Error` naming the place that was looked at.
    package static func path() throws -> String {
        if let chosen = ProcessInfo.processInfo.environment["KEYRITE_REHEARSAL_MODULE"] { return chosen }
        guard let program = realpath("/proc/self/exe", nil) else {
            throw PKCS11Error("looking for the rehearsal module", .system(String(cString: strerror(errno))))
        }
        defer { free(program) }
        let folder = URL(fileURLWithPath: String(cString: program)).deletingLastPathComponent().path
        let path = folder + "/libRehearsalToken.so"
        guard access(path, R_OK) == 0 else {
            throw PKCS11Error(
                "looking for the rehearsal module", .system("it is not at \(path)"),
                remedy: "Build the product RehearsalToken, or set KEYRITE_REHEARSAL_MODULE.")
        }
        return path
    }
}
