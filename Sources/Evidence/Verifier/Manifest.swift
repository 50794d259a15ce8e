import CryptoPrimitives

/// `MANIFEST`: every file of a ceremony folder by its SHA-256, sealed by the close.
///
/// It leaves out itself, the close that signs it, the minutes, which are derived, and what comes after the close. It lists
/// the transcript by its lines up to the close's anchor, since the close itself is journaled behind them.
package enum Manifest {
    package static let path = "MANIFEST"
    /// The minutes, which are derived from the evidence.
    package static let minutesPath = "minutes.html"
    /// Files about the closed ceremony as a whole.
    static let pathsAfterClose = [
        TimeStampFiles.requestPath, TimeStampFiles.answerPath, Attestation.path, ReconciliationFile.path,
    ]
    /// How the name of a file ends that is still being written.
    package static let partialSuffix = ".partial"

    /// Makes the manifest of a folder, as it was when the close opened.
    ///
    /// - Parameters:
    ///   - lines: How many lines of the transcript the close seals.
    ///   - attempt: The attempt of the close whose own files are left out.
    /// - Returns: Lines as `sha256sum` writes them, sorted by path.
    package static func make(of folder: some EvidenceFolder, lines: Int, attempt: Int) throws -> [UInt8] {
        let own = Approval.folder(.close, attempt)
        let left = [path, minutesPath, Statement.path(.close, attempt)] + pathsAfterClose
        let listed = try folder.files().filter { !left.contains($0) && !$0.hasPrefix(own) }
        if let partial = listed.first(where: { $0.hasSuffix(partialSuffix) }) {
            throw EvidenceError(partial, "it was left half written; remove it, or let its writer end")
        }
        let entries = try listed.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { file in
            let bytes = try folder.read(file)
            let sealed = file == Transcript.path ? prefix(of: bytes, lines: lines) : bytes[...]
            return "\(SHA256Digest(of: sealed).hex)  \(file)\n"
        }
        return Array(entries.joined().utf8)
    }

    private static func prefix(of bytes: [UInt8], lines: Int) -> ArraySlice<UInt8> {
        var end = bytes.startIndex
        for _ in 0..<lines {
            guard let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            end = bytes.index(after: newline)
        }
        return bytes[..<end]
    }
}
