import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// A copy of a ceremony's folder that a test may do anything to.
struct TamperedFolder {
    let ceremony: RehearsedCeremony
    let folder: DiskFolder
    /// The roster's digest that the verifiers are given; nil for none.
    var anchor: SHA256Digest?
    /// The mode that they are told to expect.
    var mode = Mode.rehearsal
    /// The plan's digest that they are given, if any.
    var plan: SHA256Digest?
    /// The PEM file of the time stamp's authorities that they are given, if any.
    var authorities: String?

    func change(_ path: String, _ change: (inout [UInt8]) throws -> Void) throws {
        var bytes = try folder.read(path)
        try change(&bytes)
        try folder.write(bytes, to: path)
    }

    /// Changes the transcript's lines as text, and leaves the chain as it comes.
    func changeLines(_ change: (inout [String]) -> Void) throws {
        try self.change(Transcript.path) { bytes in
            var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            change(&lines)
            bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        }
    }

    /// The number of the first transcript line of a kind, from 1.
    func line(_ kind: EventKind, where holds: (JournalLine) -> Bool = { _ in true }) throws -> Int {
        let transcript = try Transcript(parsing: try folder.read(Transcript.path))
        return try #require(transcript.lines.first { $0.event.kind == kind && holds($0) }).seq
    }

    /// What both verifiers say, which must be the same.
    func judged(
        inTheSameWords: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Judgement {
        let ours = try keyriteVerify()
        let script = try await shellVerify()
        #expect(ours.word == script.word, "\(ours) / \(script)", sourceLocation: sourceLocation)
        #expect(ours.place == script.place, "\(ours) / \(script)", sourceLocation: sourceLocation)
        // Of a signature both say the same, whatever is asked for; but jq cannot tell that its point is on no curve.
        if inTheSameWords || [ours, script].contains(where: \.isOfSignature), !ours.isOfNoPoint {
            #expect(ours.sentence == script.sentence, "\(ours) / \(script)", sourceLocation: sourceLocation)
        }
        return ours
    }

    /// Both come to this verdict.
    func expectVerdict(_ word: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let judgement = try await judged(sourceLocation: sourceLocation)
        #expect(judgement.word == word, "\(judgement)", sourceLocation: sourceLocation)
    }

    /// Both refuse, naming this place.
    func expectRefusal(at place: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let judgement = try await judged(sourceLocation: sourceLocation)
        #expect(judgement.word == "REFUSED", "\(judgement)", sourceLocation: sourceLocation)
        #expect(judgement.place == place, "\(judgement)", sourceLocation: sourceLocation)
    }

    /// Both verify the folder once it is forged so.
    func expectVerified(
        forged change: (inout Forger) throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var forger = try Forger(self)
        try change(&forger)
        try await forger.write()
        try await expectVerdict("VERIFIED", sourceLocation: sourceLocation)
    }

    /// Puts a forged plan in the place of the folder's.
    func write(_ forged: ForgedPlan) throws {
        try change(Plan.path) { bytes in
            var plan = try CanonicalJSON.parse(bytes)
            forged.change(&plan)
            bytes = try CanonicalJSON.encode(plan)
        }
    }

    /// Both refuse a forged plan for what it says, not for its digest, in the same words.
    func expectRefusal(of forged: ForgedPlan, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try write(forged)
        let judgement = try await judged(inTheSameWords: true, sourceLocation: sourceLocation)
        #expect(judgement.place == Plan.path, sourceLocation: sourceLocation)
        #expect(judgement.reason.contains(forged.reason), "\(judgement)", sourceLocation: sourceLocation)
    }

    /// Both refuse the folder once it is forged so, where that shows, and say why.
    ///
    /// - Parameter inTheSameWords: Whether both must say the same.
    func expectRefusal(
        of forgery: Forgery, inTheSameWords: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await expectRefusal(
            of: forgery, by: try Forger(self), inTheSameWords: inTheSameWords, sourceLocation: sourceLocation)
    }

    /// The same by a forger who has keys of his own.
    func expectRefusal(
        of forgery: Forgery, by forger: Forger, inTheSameWords: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var forger = forger
        let place = try forgery.change(&forger)
        try await forger.write()
        let judgement = try await judged(inTheSameWords: inTheSameWords, sourceLocation: sourceLocation)
        #expect(judgement.word == "REFUSED", "\(judgement)", sourceLocation: sourceLocation)
        #expect(judgement.place == place.name, "\(judgement)", sourceLocation: sourceLocation)
        #expect(judgement.reason.contains(forgery.reason), "\(judgement)", sourceLocation: sourceLocation)
    }

    private var options: [String] {
        ["--expect", mode.rawValue] + (anchor.map { ["--roster", $0.hex] } ?? [])
            + (plan.map { ["--plan", $0.hex] } ?? []) + (authorities.map { ["--timestamp-ca", $0] } ?? [])
    }

    func keyriteVerify() throws -> Judgement {
        let trusted = try authorities.map {
            try TimeStampAuthorities(pem: [UInt8](Data(contentsOf: URL(filePath: $0))))
        }
        var verifier = Verifier(
            of: folder,
            expecting: Expectations(roster: anchor, mode: mode, plan: plan, timestampAuthorities: trusted))
        switch verifier.verify().verdict {
        case .verified: return Judgement(word: "VERIFIED", place: nil, reason: "")
        case .consistentNotTrusted: return Judgement(word: "CONSISTENT, NOT TRUSTED", place: nil, reason: "")
        case .notClosed: return Judgement(word: "NOT CLOSED", place: nil, reason: "")
        case .refused(let error):
            return Judgement(
                word: "REFUSED", place: error.line.map { "\(error.path):\($0)" } ?? error.path, reason: error.reason)
        }
    }

    /// scripts/verify.sh
    static var script: String { VerifyScript.url.path }

    /// All that scripts/verify.sh says.
    func shellTable() async throws -> String {
        try await runProcess("dash", [Self.script, folder.root] + options).stdoutText
    }

    /// Runs scripts/verify.sh with the shell that Debian's scripts have.
    func shellVerify() async throws -> Judgement {
        let run = try await runProcess("dash", [Self.script, folder.root] + options)
        let judgement = try #require(Judgement(shellOutput: run.stdoutText), "\(run.stdoutText)\(run.stderrText)")
        #expect(run.status == (judgement.word == "VERIFIED" ? 0 : 4))
        #expect(run.stderrText.isEmpty, "\(run.stderrText)")
        return judgement
    }
}

/// A verifier's last word.
struct Judgement: CustomStringConvertible {
    let word: String
    /// The file, or the transcript's line, that does not hold.
    let place: String?
    let reason: String

    init(word: String, place: String?, reason: String) {
        self.word = word
        self.place = place
        self.reason = reason
    }

    /// Reads the verdict, which stands after the table and an empty line.
    init?(shellOutput: String) {
        let paragraphs = shellOutput.components(separatedBy: "\n\n")
        guard let verdict = paragraphs.dropFirst().first?.split(separator: "\n").first else { return nil }
        let parts = verdict.components(separatedBy: ": ")
        guard let word = parts.first else { return nil }
        let refused = word == "REFUSED" && parts.count > 2
        self.init(
            word: word, place: refused ? parts[1] : nil,
            reason: refused ? parts.dropFirst(2).joined(separator: ": ") : "")
    }

    /// Whether it is about an SSH signature.
    var isOfSignature: Bool {
        ["the SSH signature ", "no user presence"].contains(where: reason.contains)
    }

    /// Whether it is about a key that is on no curve, which verify.sh takes for another one (formats.md).
    var isOfNoPoint: Bool { reason.contains("; the public key is none") }

    /// The reason without what either verifier has to say beyond it: where in the file, and what to do.
    var sentence: String { Self.sentence(reason) }

    static func sentence(_ reason: String) -> String {
        reason.components(separatedBy: "; ")[0]
    }

    var description: String { "\(word) \(place ?? "") \(reason)" }
}
