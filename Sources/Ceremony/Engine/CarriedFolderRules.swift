package import Evidence

/// Holds a folder that was carried to how this host last had it: it may have grown, and nothing else.
package enum CarriedFolderRules {
    /// - Parameters:
    ///   - kept: How this host last had it; nil when it never had.
    ///   - path: The transcript's name, for the error.
    /// - Throws: `EvidenceError` when it went back in time or forked, with the line.
    package static func check(_ kept: CarriedFolder?, against transcript: Transcript, of path: String) throws {
        guard let kept else { return }
        let when = "when this host \(kept.isReceived ? "received" : "handed over") hand-over \(kept.number)"
        for (index, line) in kept.lines.enumerated() {
            guard index < transcript.digests.count else {
                throw EvidenceError(
                    path,
                    "it went back in time: it has \(transcript.digests.count) lines, and had \(kept.lines.count) \(when). "
                        + "Go on with the folder that has them. " + MemoryRules.allThatIsLeft
                )
            }
            guard transcript.digests[index] == line else {
                throw EvidenceError(path, line: index + 1, "another line stood here \(when): the folder was forked")
            }
        }
    }
}
