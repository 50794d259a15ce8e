import Foundation

/// Copies of the descriptors by which this process has a file open, as a child has them between its start and its program.
package final class DescriptorCopies {
    private let copies: [Int32]
    /// How many there are.
    package var count: Int { copies.count }

    /// - Parameter path: The file, or folder.
    package init(of path: String) throws {
        var wanted = stat()
        guard stat(path, &wanted) == 0 else { throw CocoaError(.fileNoSuchFile) }
        // All are found before any is copied: a copy may have a number that is still to be looked at.
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init).filter {
            var found = stat()
            return fstat($0, &found) == 0 && found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino
        }
        copies = open.map { dup($0) }.filter { $0 >= 0 }
    }

    deinit {
        for copy in copies { close(copy) }
    }
}
