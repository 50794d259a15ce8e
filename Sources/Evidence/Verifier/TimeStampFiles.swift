package import CryptoPrimitives

/// A time stamp over a closed ceremony's final head, by an authority outside the room (RFC 3161): the files
/// `timestamp.tsq` and `timestamp.tsr`.
///
/// They come after the close, and the manifest leaves them out. What is stamped is the SHA-256 of the transcript's last
/// line, its LF included, and so everything that line seals.
package enum TimeStampFiles {
    /// What the authority was asked, DER.
    package static let requestPath = "timestamp.tsq"
    /// What it answered, DER. It is written last.
    package static let answerPath = "timestamp.tsr"
    /// The most bytes that either may have.
    package static let sizeLimit = 64 << 10
    /// How far the clocks of the authority and of the host that closed may be apart, in seconds: as far as that host's and
    /// the service's may.
    package static let clockTolerance: Int64 = 300

    /// The head that a stamp is over.
    ///
    /// - Parameter record: Of a ceremony that is closed.
    package static func imprint(of record: Record) throws -> SHA256Digest {
        guard record.closed, let head = record.transcript.digests.last else {
            throw EvidenceError(Transcript.path, "the ceremony is not closed")
        }
        return head
    }

    /// Reads the request.
    ///
    /// - Throws: `EvidenceError` when it is missing, or asks for anything else than this imprint.
    package static func request(
        in folder: some EvidenceFolder, over imprint: SHA256Digest
    ) throws -> TimeStampRequest {
        let bytes = try folder.read(requestPath)
        return try holding(requestPath, bytes) { try TimeStampRequest(der: bytes, over: imprint) }
    }

    /// Checks an answer.
    ///
    /// - Parameter record: Of the closed ceremony, whose last line nobody can have seen before it was written.
    /// - Returns: When the authority says it saw the imprint.
    /// - Throws: `EvidenceError` saying what does not hold.
    package static func time(
        of answer: [UInt8], to request: TimeStampRequest, after record: Record,
        trusting authorities: TimeStampAuthorities?
    ) throws -> Timestamp {
        let time = try holding(answerPath, answer) {
            let answer = try TimeStampAnswer(der: answer, to: request, trusting: authorities)
            return Timestamp(epochSeconds: answer.epochSeconds)
        }
        if let closed = record.transcript.lines.last?.at, time < closed.advanced(bySeconds: -clockTolerance) {
            throw EvidenceError(answerPath, "it was stamped at \(time), and the ceremony was closed at \(closed)")
        }
        return time
    }

    private static func holding<R>(_ path: String, _ bytes: [UInt8], _ read: () throws -> R) throws -> R {
        guard bytes.count <= sizeLimit else { throw EvidenceError(path, "it is over 64 KiB") }
        do { return try read() } catch let error as CryptoError {
            throw EvidenceError(path, ([error.operation] + error.reasons).joined(separator: ": "))
        }
    }
}

extension Verifier {
    /// The time stamp, where there is one. Whoever names its authorities counts on there being one.
    mutating func verifyTimeStamp(_ record: Record) throws {
        guard record.closed else { return }
        let files = try folder.files()
        let hasAnswer = files.contains(TimeStampFiles.answerPath)
        guard hasAnswer || files.contains(TimeStampFiles.requestPath) else {
            guard expectations.timestampAuthorities == nil else {
                throw EvidenceError(TimeStampFiles.answerPath, "it is missing")
            }
            return
        }
        let request = try TimeStampFiles.request(in: folder, over: try TimeStampFiles.imprint(of: record))
        guard hasAnswer || expectations.timestampAuthorities != nil else {
            return held(TimeStampFiles.requestPath, against: "nothing yet: it was not answered", .asserted)
        }
        let time = try TimeStampFiles.time(
            of: try folder.read(TimeStampFiles.answerPath), to: request, after: record,
            trusting: expectations.timestampAuthorities)
        guard expectations.timestampAuthorities != nil else {
            return held(
                TimeStampFiles.answerPath, against: "an authority's word that it was there at \(time)", .asserted)
        }
        // The authority was named from outside, so its signature is worth as much with the roster as without.
        checks.append(
            Check(TimeStampFiles.answerPath, against: "the authority you named, at \(time)", .signed))
    }
}
