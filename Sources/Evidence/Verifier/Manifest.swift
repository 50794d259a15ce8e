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

    /// The first file that differs between two manifests, and how; nil where none does.
    ///
    /// - Parameters:
    ///   - now: Of the folder as it is.
    ///   - signed: As it was signed.
    package static func firstDifference(of now: [UInt8], from signed: [UInt8]) -> String? {
        let (now, signed) = (entries(of: now), entries(of: signed))
        let paths = Set(now.keys).union(signed.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard let path = paths.first(where: { now[$0] != signed[$0] }) else { return nil }
        let name = PercentEncoding.encode(path)
        return switch (now[path], signed[path]) {
        case (let found?, let sealed?): "\(name) has the SHA-256 \(found), signed was \(sealed)"
        case (.some, nil): "\(name) was added"
        default: "\(name) is missing"
        }
    }

    /// The digests of a manifest's files, by their paths.
    private static func entries(of manifest: [UInt8]) -> [String: String] {
        Dictionary(
            String(decoding: manifest, as: UTF8.self).split(separator: "\n").map { line in
                (String(line.dropFirst(66)), String(line.prefix(64)))
            }, uniquingKeysWith: { first, _ in first })
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
