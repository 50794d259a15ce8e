package import CryptoPrimitives

/// A closed ceremony as an in-toto Statement: its files, and what it was.
///
/// <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>
package struct CeremonyStatement: Codable, Hashable, Sendable {
    package static let currentType = "https://in-toto.io/Statement/v1"
    package static let currentPredicateType = "urn:keyrite:ceremony:v1"
    package static let currentSchema = "keyrite.attestation/2"

    /// A file of the ceremony.
    package struct Subject: Codable, Hashable, Sendable {
        /// The file's digests; there is one.
        package struct Digest: Codable, Hashable, Sendable {
            package let sha256: SHA256Digest
        }

        package let digest: Digest
        package let name: String
    }

    /// What is said of these files: which ceremony it was, and where it ended.
    package struct Predicate: Codable, Hashable, Sendable {
        package let ceremony: String
        package let mode: Mode
        package let roster: SHA256Digest
        package let plan: SHA256Digest
        /// The SHA-256 of the transcript's last line.
        package let head: SHA256Digest
        /// How many lines the transcript has.
        package let lines: Int
        /// The last line's time.
        package let closed: Timestamp
        /// The form: what is demanded of the signature. The first one has none, and takes either ECDSA signature.
        package fileprivate(set) var schema: String?
    }

    private enum CodingKeys: String, CodingKey {
        case type = "_type"
        case predicate, predicateType, subject
    }

    package let type: String
    package private(set) var predicate: Predicate
    package let predicateType: String
    /// Every line of the manifest, and then the manifest.
    package let subject: [Subject]

    /// Makes the statement about a ceremony.
    ///
    /// - Parameters:
    ///   - record: Of a ceremony that is closed.
    ///   - manifest: The bytes of its `MANIFEST`.
    /// - Throws: `EvidenceError` when it is not closed, or the manifest is none.
    package init(of record: Record, manifest: [UInt8]) throws {
        guard record.closed, let last = record.transcript.lines.last, let head = record.transcript.digests.last else {
            throw EvidenceError(Transcript.path, "the ceremony is not closed")
        }
        type = Self.currentType
        predicateType = Self.currentPredicateType
        predicate = Predicate(
            ceremony: record.plan.ceremony, mode: record.plan.mode, roster: record.rosterDigest,
            plan: record.planDigest, head: head, lines: last.seq, closed: last.at,
            schema: Self.currentSchema)
        let files = try manifest.split(separator: UInt8(ascii: "\n")).map { line in
            let text = String(decoding: line, as: UTF8.self)
            guard let digest = SHA256Digest(hex: String(text.prefix(64))), text.dropFirst(64).hasPrefix("  ") else {
                throw EvidenceError(Manifest.path, "a line of it is none")
            }
            return Subject(digest: .init(sha256: digest), name: String(text.dropFirst(66)))
        }
        subject = files + [Subject(digest: .init(sha256: SHA256Digest(of: manifest)), name: Manifest.path)]
    }

    /// The same in the first form, as it was signed before there was another.
    package var inFirstForm: CeremonyStatement {
        var other = self
        other.predicate.schema = nil
        return other
    }
}
