import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Glibc

/// A file that somebody brings to be added to the evidence.
struct ExhibitFile {
    /// The most bytes that one may have: 16 MiB.
    private static let limit = 16 << 20

    let name: String
    let bytes: [UInt8]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Absolute, or from where the program was started.
    ///   - taken: The names that exhibits have already.
    /// - Throws: `CeremonyError` that says what to do.
    init(at path: String, besides taken: [String]) throws {
        let name = URL(filePath: path).lastPathComponent
        let exhibit = Exhibit(by: "", name: name, what: "", file: SHA256Digest(of: []))
        guard exhibit.isFit, !taken.contains(name) else {
            throw CeremonyError(
                .invalidInput, "\(name) is no name for an exhibit, or one is called so already",
                remedy: "Copy the file to a name of up to 100 letters, digits, . _ and -")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.limit,
            let data = FileManager.default.contents(atPath: path), data.count <= Self.limit
        else {
            throw CeremonyError(
                .invalidInput, "\(path) is no file of at most 16 MiB that can be read",
                remedy: "Check the path and its permissions")
        }
        self.name = name
        bytes = [UInt8](data)
    }
}
