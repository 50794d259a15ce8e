package import CryptoPrimitives
package import Evidence

/// A statement that was seen, and the line of the transcript that carried it.
package struct Sighting: Codable, Hashable, Sendable {
    package let ceremony: String
    package let gate: Gate
    package let attempt: Int
    package let statement: SHA256Digest
    /// The line that carried the statement.
    package let seq: Int
    /// The SHA-256 of that line, its LF included.
    package let head: String

    package init(ceremony: String, gate: Gate, attempt: Int, statement: SHA256Digest, seq: Int, head: String) {
        self.ceremony = ceremony
        self.gate = gate
        self.attempt = attempt
        self.statement = statement
        self.seq = seq
        self.head = head
    }
}

/// Holds a folder to what was seen of it before: it may have grown, and nothing else.
package enum MemoryRules {
    /// Nobody may go on with a folder that lacks what was done.
    static let allThatIsLeft =
        "If this copy is all that is left, the ceremony cannot go on: what was done since is not in it. Look in the HSM, in KMS and "
        + "in CloudTrail for what that was, and freeze a new plan"

    /// - Parameters:
    ///   - sightings: What is remembered of this ceremony.
    ///   - path: The transcript's name, for the error.
    /// - Throws: `EvidenceError` when the transcript went back in time or forked.
    package static func check(_ sightings: [Sighting], against transcript: Transcript, of path: String) throws {
        for seen in sightings {
            guard seen.seq <= transcript.digests.count else {
                throw EvidenceError(
                    path, "it went back in time: line \(seen.seq), with \(seen.gate.rawValue), was here before",
                    remedy:
                        "This machine saw a folder of this ceremony with \(seen.seq) lines or more: that one is further on than "
                        + "this one, which has \(transcript.digests.count). Find it, and go on with it, wherever it is now. Never "
                        + "copy this one over it: its last lines would be lost. \(allThatIsLeft)")
            }
            guard transcript.digests[seen.seq - 1].hex == seen.head else {
                throw EvidenceError(
                    path, line: seen.seq,
                    "another line stood here before, with the gate \(seen.gate.rawValue), attempt \(seen.attempt)",
                    remedy: remedy)
            }
        }
    }

    /// It may be the other folder that is false.
    private static let remedy = """
        This machine saw or signed another folder of this ceremony, or this one when it had more. Find out which of them is \
        the ceremony's before anybody goes on. If it is the other one, go on with that. If it is this one, have an exception \
        say what was signed elsewhere and why, and go on at another machine, which remembers nothing of it
        """
}
