import Ceremony
import CryptoPrimitives
import Evidence
import KeyriteCommands

/// Evidence that is one file, or one with its signature: what is accepted must be the one form of what it means, so that no
/// two files mean the same.
enum Documents {
    static func json(_ bytes: [UInt8]) throws {
        guard let value = try Finding.refusing(CanonicalJSONError.self, { try CanonicalJSON.parse(bytes) }) else {
            return
        }
        try Finding.unless(
            (try? CanonicalJSON.encode(value)) == bytes, "accepted in a form that is not the canonical one")
    }

    static func roster(_ bytes: [UInt8]) throws {
        guard let roster = try? Roster(json: bytes) else { return }
        try Finding.unless((try? roster.json()) == bytes, "a roster in two forms")
        _ = roster.allowedSigners()
    }

    static func plan(_ bytes: [UInt8]) throws {
        guard let plan: Plan = try document(bytes) else { return }
        _ = try Finding.refusing(EvidenceError.self) { try plan.validate() }
    }

    static func statement(_ bytes: [UInt8]) throws {
        guard let _: Statement = try document(bytes) else { return }
        _ = try Finding.refusing(StatementNotShown.self) { try StatementText.paragraphs(bytes) }
    }

    /// The approval, the statement, the roster, a line each, and then the signature's armor.
    static func approval(_ bytes: [UInt8]) throws {
        let parts = parts(bytes, 4)
        guard let approval: Approval = try document(parts[0]), parts.count == 4,
            let statement: Statement = try document(parts[1]), let roster = try? Roster(json: parts[2])
        else { return }
        let counted = try Finding.refusing(ApprovalRefusal.self) {
            try Approval.check(
                parts[0], signature: parts[3], statement: statement, digest: SHA256Digest(of: parts[1]),
                roster: roster, now: approval.at)
        }
        guard let counted else { return }
        try Finding.unless(counted == approval, "another approval than the file's counts")
        try Finding.unless(
            (try? SSHSignature(armored: parts[3]))?.armored == parts[3], "a signature in two forms counts")
    }

    static func transcript(_ bytes: [UInt8]) throws {
        guard let transcript = try Finding.refusing(EvidenceError.self, { try Transcript(parsing: bytes) }) else {
            return
        }
        let written = transcript.lines.compactMap { try? CanonicalJSON.encode($0) }
            .flatMap { $0 + [UInt8(ascii: "\n")] }
        try Finding.unless(written == bytes, "a transcript in two forms")
    }

    /// The plan and the hand-over, a line each, and then the signature's armor.
    static func handover(_ bytes: [UInt8]) throws {
        let parts = parts(bytes, 3)
        guard parts.count == 3, let plan: Plan = try document(parts[0]),
            let said: Handover = try document(parts[1])
        else { return }
        let announced = AnnouncedHandover(
            number: said.number, from: said.from, to: said.to, seq: said.seq, head: said.head, at: said.at)
        _ = Handover.words(of: said.head)
        let checked = try Finding.refusing(EvidenceError.self) {
            try Handover.check(parts[1], signature: parts[2], announced: announced, plan: plan)
        }
        try Finding.unless(checked.map { $0 == said } ?? true, "another hand-over than the file's holds")
    }

    /// The card, a line, and then the signature's armor.
    static func hostCard(_ bytes: [UInt8]) throws {
        let parts = parts(bytes, 2)
        guard parts.count == 2 else { return }
        let card = try Finding.refusing(CeremonyError.self) {
            try HostCard(parts[0], signature: parts[1], file: "card.json")
        }
        try Finding.unless(card.map { (try? CanonicalJSON.encode($0)) == parts[0] } ?? true, "a card in two forms")
    }

    /// The roster, a line, and then the attestation; whatever that states is believed, so that its signature is looked at.
    static func attestation(_ bytes: [UInt8]) throws {
        let parts = parts(bytes, 2)
        guard parts.count == 2, let attestation: Attestation = try document(parts[1]),
            let payload = Base64.decode(attestation.payload), let statement: CeremonyStatement = try document(payload),
            let roster = try? Roster(json: parts[0])
        else { return }
        _ = try Finding.refusing(EvidenceError.self) {
            try Attestation.check(parts[1], statement: statement, roster: roster)
        }
    }

    static func percent(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self), let decoded = try? PercentEncoding.decode(text)
        else { return }
        try Finding.unless(PercentEncoding.encode(decoded) == text, "a text in two forms")
    }

    private static func document<Document: Codable>(_ bytes: [UInt8]) throws -> Document? {
        let read = try Finding.refusing(CanonicalJSONError.self) {
            try CanonicalJSON.decode(Document.self, from: bytes)
        }
        try Finding.unless(
            read.map { (try? CanonicalJSON.encode($0)) == bytes } ?? true, "a \(Document.self) in two forms")
        return read
    }

    /// Lines, the last of which has all that is left.
    private static func parts(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n"), maxSplits: count - 1, omittingEmptySubsequences: false)
            .map(Array.init)
    }
}
