package import Evidence

/// Holds a folder that was carried to how this host last had it: it may have grown, and nothing else.
package enum CarriedFolderRules {
    /// - Parameters:
    ///   - kept: How this host last had it; nil when it never had.
    ///   - path: The transcript's name, for the error.
    ///   - other: The other host's name.
    /// - Throws: `EvidenceError` when it went back in time or forked, with the line, and which folder is further on.
    package static func check(
        _ kept: CarriedFolder?, against transcript: Transcript, of path: String, other: String
    ) throws {
        guard let kept else { return }
        let when = "when this host \(kept.isReceived ? "received" : "handed over") hand-over \(kept.number)"
        for (index, line) in kept.lines.enumerated() {
            guard index < transcript.digests.count else {
                throw EvidenceError(
                    path,
                    "it went back in time: it has \(transcript.digests.count) lines, and had \(kept.lines.count) \(when)",
                    remedy: wayOn(from: kept, other))
            }
            guard transcript.digests[index] == line else {
                throw EvidenceError(
                    path, line: index + 1, "another line stood here \(when): the folder was forked",
                    remedy:
                        "Two folders went on from one. Leave both as they are, and copy neither over the other. Find out which "
                        + "is the ceremony's, by what HSM, KMS and \(other) have, and go on with that one alone")
            }
        }
    }

    /// The same medium that comes again, above all, is no reason to stop: the folder that is further on is there.
    private static func wayOn(from kept: CarriedFolder, _ other: String) -> String {
        let older = "This is an older copy, perhaps a medium that was brought again"
        let never = "Never copy this one over that: its last lines would be lost. \(MemoryRules.allThatIsLeft)"
        guard kept.isReceived else {
            return
                "\(older). This host handed over one of \(kept.lines.count) lines, so that one is further on, and what \(other) "
                + "made of it still more. Bring here what \(other) hands over next. If \(other) never got hand-over "
                + "\(kept.number), run keyrite run in this host's own folder of that many lines: it shows the words again, and "
                + "that one is carried. \(never)"
        }
        return
            "\(older). The folder that this host received had \(kept.lines.count) lines and may have more by now: it is further "
            + "on, and is this host's turn. Put this one aside, and run keyrite run in that folder. \(never)"
    }
}
