package import CryptoPrimitives

/// What one host of an air gap hands over to the other: `handovers/N.json`, signed by the key that the plan has for it.
package struct Handover: Codable, Hashable, Sendable {
    /// The format of the file.
    package static let currentSchema = "keyrite.handover/1"
    /// The folder of these files, with a slash at the end.
    package static let folder = "handovers/"

    package let schema: String
    package let mode: Mode
    package let ceremony: String
    /// The first is 1.
    package let number: Int
    /// The host that signs it.
    package let from: String
    package let to: String
    /// The transcript's last line, which says that it is handed over.
    package let seq: Int
    /// The SHA-256 of that line, its LF included.
    package let head: String
    /// When that line was written.
    package let at: Timestamp
    /// Every other file that travels, in the order of their paths, but for this one and its signature.
    package let files: [HandedFile]

    package init(
        mode: Mode, ceremony: String, number: Int, from: String, to: String, seq: Int, head: String, at: Timestamp,
        files: [HandedFile]
    ) {
        schema = Self.currentSchema
        self.mode = mode
        self.ceremony = ceremony
        self.number = number
        self.from = from
        self.to = to
        self.seq = seq
        self.head = head
        self.at = at
        self.files = files
    }

    package static func path(_ number: Int) -> String { "\(folder)\(number).json" }
    package static func signaturePath(_ number: Int) -> String { path(number) + ".sig" }

    /// What the transcript's head is called when it is read aloud: 16 words, for its first 16 bytes.
    package static func words(of head: String) -> [String] {
        PGPWords.spell((Hex.decode(head) ?? []).prefix(16))
    }
}

/// A file that was handed over.
package struct HandedFile: Codable, Hashable, Sendable {
    package let path: String
    package let sha256: SHA256Digest

    package init(path: String, sha256: SHA256Digest) {
        self.path = path
        self.sha256 = sha256
    }
}

extension Mode {
    /// The SSHSIG namespace in which hosts sign what they hand over.
    package var handoverNamespace: String { "keyrite.handover.v1.\(rawValue)" }
}

extension Handover {
    /// Reads a hand-over and checks that it is the one that a transcript's line announced, by the host that wrote it.
    ///
    /// - Parameters:
    ///   - bytes: `handovers/N.json`.
    ///   - signature: The armored SSHSIG beside it.
    ///   - announced: What the record has of it.
    /// - Throws: `EvidenceError` naming the file that does not hold.
    package static func check(
        _ bytes: [UInt8], signature: [UInt8], announced: AnnouncedHandover, plan: Plan
    ) throws -> Handover {
        let path = path(announced.number)
        let said: Handover
        do { said = try CanonicalJSON.decode(Handover.self, from: bytes) } catch {
            throw EvidenceError(path, "it is no hand-over in canonical form; at \(error)")
        }
        let paths = said.files.map(\.path)
        for (holds, otherwise) in [
            (said.schema == currentSchema, "its schema is not \(currentSchema)"),
            (said.mode == plan.mode && said.ceremony == plan.ceremony, "it is of another ceremony"),
            (said.number == announced.number, "it is another hand-over"),
            (said.from == announced.from && said.to == announced.to, "it goes from or to another host"),
            (
                said.seq == announced.seq && said.head == announced.head && said.at == announced.at,
                "it hands over another transcript"
            ),
            (
                zip(paths, paths.dropFirst()).allSatisfy { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) },
                "its files are not in their order"
            ),
        ] where !holds { throw EvidenceError(path, otherwise) }
        do {
            guard let key = try plan.gap.flatMap({ gap in gap.side(of: said.from).map { gap[$0] } })?.publicKey()
            else { throw EvidenceError(path, "it is of a host that the plan does not have") }
            try SSHSignature(armored: signature).verify(
                message: bytes, namespace: plan.mode.handoverNamespace, key: key)
        } catch let error as EvidenceError { throw error } catch {
            throw EvidenceError(
                Self.signaturePath(announced.number), "its signature does not hold: \(error)")
        }
        return said
    }
}

/// A hand-over as the transcript announced it.
package struct AnnouncedHandover: Hashable, Sendable {
    package let number: Int
    package let from: String
    package let to: String
    /// Of the line that announced it.
    package let seq: Int
    package let head: String
    package let at: Timestamp

    package init(number: Int, from: String, to: String, seq: Int, head: String, at: Timestamp) {
        self.number = number
        self.from = from
        self.to = to
        self.seq = seq
        self.head = head
        self.at = at
    }
}
