/// A ceremony folder, to be read.
package protocol EvidenceFolder {
    /// - Parameter path: Relative to the folder, with `/` between names.
    /// - Returns: The bytes of the file.
    /// - Throws: `EvidenceError` naming the file when it is missing or cannot be read.
    func read(_ path: String) throws -> [UInt8]

    /// - Returns: The paths of all files in the folder, relative to it, in no particular order.
    func files() throws -> [String]
}
