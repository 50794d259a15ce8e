import Foundation

/// A file that a person named, wherever its name leads.
package enum NamedFile {
    /// The most bytes of a definition, a site, a roster or what else people write: 16 MiB.
    package static let limit = 16 << 20

    /// Reads it, and never more than it may have.
    ///
    /// - Parameter limit: The most bytes it may have.
    /// - Returns: Its bytes; one more than the limit where it has more. Nil where it cannot be read.
    package static func bytes(_ path: String, limit: Int = limit) -> [UInt8]? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        // Nothing at all is what it answers at the end of a file.
        guard let data = try? file.read(upToCount: limit + 1) ?? Data() else { return nil }
        return [UInt8](data)
    }

    /// The same of a text.
    ///
    /// - Returns: Nil as well where it has more than it may, or is no UTF-8.
    package static func text(_ path: String, limit: Int = limit) -> String? {
        guard let bytes = bytes(path, limit: limit), bytes.count <= limit else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
