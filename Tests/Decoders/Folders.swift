import Ceremony
import CryptoPrimitives
import Evidence
import Foundation

/// Evidence that is many files, and files that only a whole ceremony gives a meaning.
enum Folders {
    static func rosterChain(_ bytes: [UInt8]) throws {
        let folder = PackedFolder(bytes)
        let open = try Finding.refusing(RosterFault.self) { try RosterChain(reading: folder, isOpen: true) }
        guard let chain = try Finding.refusing(RosterFault.self, { try RosterChain(reading: folder) }) else { return }
        try Finding.unless(chain.current.isComplete, "a chain holds whose last roster is not signed")
        try Finding.unless(open?.current.digest == chain.current.digest, "a chain that holds is none while it is open")
        _ = try Finding.refusing(RosterFault.self) { try chain.requireNoOthers(in: folder) }
    }

    /// Whatever does not hold is told by its file.
    static func evidence(_ bytes: [UInt8]) throws {
        var verifier = Verifier(of: PackedFolder(bytes), expecting: Expectations(roster: nil, mode: nil))
        guard case .refused(let error) = verifier.verify().verdict else { return }
        try Finding.unless(error.path != ".", "refused without a file: \(error)")
    }

    /// A decision and its signature, as they come back from elsewhere, with the statement and the roster that they are held to.
    static func lineEnds(_ bytes: [UInt8]) throws {
        let folder = PackedFolder(bytes)
        guard let decision = try? folder.read("decision"), let signature = try? folder.read("decision.sig"),
            let statement = try? folder.read("statement"), let roster = try? folder.read("roster")
        else { return }
        let returned = ReturnedApproval(file: "decision", bytes: decision, signature: signature)
        let ends = LineEnds(returned)
        let mended = LineEnds(ReturnedApproval(file: "decision", bytes: ends.bytes, signature: ends.signature))
        try Finding.unless(!mended.areChanged, "line ends that were put right are not right")
        try Finding.unless(decision.starts(with: ends.bytes), "more is taken off a decision than its end")
        func counts(_ bytes: [UInt8], _ signature: [UInt8]) -> Bool {
            guard let approval = try? CanonicalJSON.decode(Approval.self, from: bytes),
                let stated = try? CanonicalJSON.decode(Statement.self, from: statement),
                let roster = try? Roster(json: roster)
            else { return false }
            return
                (try? Approval.check(
                    bytes, signature: signature, statement: stated, digest: SHA256Digest(of: statement),
                    roster: roster, now: approval.at)) != nil
        }
        let holds = counts(ends.bytes, ends.signature)
        if ends.areChanged {
            try Finding.unless(!counts(decision, signature), "what counts is said to have other line ends")
            try Finding.unless(
                !holds || ends.remedy(holds: true) != nil, "nobody says how what would count is put right")
        } else {
            try Finding.unless(ends.bytes == decision && ends.signature == signature, "changed, and not said to be")
        }
    }

    static func manifest(_ bytes: [UInt8]) throws {
        let example = try Example.held.get()
        let signed = try example.folder.read(Manifest.path)
        _ = Manifest.firstDifference(of: bytes, from: signed)
        _ = Manifest.firstDifference(of: signed, from: bytes)
        _ = try Finding.refusing(EvidenceError.self) { try CeremonyStatement(of: example.record, manifest: bytes) }
    }

    static func reconciliation(_ bytes: [UInt8]) throws {
        let record = try Example.held.get().record
        let said = try Finding.refusing(EvidenceError.self) { try ReconciliationFile.check(bytes, of: record) }
        guard let said, let first = bytes.split(separator: UInt8(ascii: "\n")).first else { return }
        try Finding.unless((try? CanonicalJSON.encode(said)) == Array(first), "a reconciliation in two forms")
    }
}

/// The worked example of an evidence folder, which lies in the repository.
struct Example: Sendable {
    let folder: PackedFolder
    let record: Record

    static let held = Result { try Example() }

    private init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../ceremony/example")
            .standardizedFileURL
        var contents: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
            let file = root.appending(path: path)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            contents[path] = Array(try Data(contentsOf: file))
        }
        folder = PackedFolder(contents)
        var record = try FrozenCeremony(reading: folder).emptyRecord
        try record.replay(try Transcript(parsing: try folder.read(Transcript.path)), folder: folder)
        self.record = record
    }
}

/// A folder in one input: each file behind a line `== PATH`; the line feed before such a line belongs to it.
struct PackedFolder: EvidenceFolder, Sendable {
    private let contents: [String: [UInt8]]

    init(_ contents: [String: [UInt8]]) { self.contents = contents }

    init(_ bytes: [UInt8]) {
        var contents: [String: [UInt8]] = [:]
        var path: String?
        var content: [UInt8] = []
        func keep() {
            guard let path else { return }
            contents[path] = content.last == UInt8(ascii: "\n") ? content.dropLast() : content
        }
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.starts(with: "== ".utf8) {
                keep()
                (path, content) = (String(decoding: line.dropFirst(3), as: UTF8.self), [])
            } else {
                content += line + [UInt8(ascii: "\n")]
            }
        }
        // There is no line feed behind the last line.
        if !content.isEmpty { content.removeLast() }
        keep()
        self.contents = contents
    }

    func read(_ path: String) throws -> [UInt8] {
        guard let bytes = contents[path] else { throw EvidenceError(path, "it is missing") }
        return bytes
    }

    func files() throws -> [String] { Array(contents.keys) }
}
