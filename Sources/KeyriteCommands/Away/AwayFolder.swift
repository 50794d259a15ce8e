import Ceremony
import CryptoPrimitives
import Disk
import Evidence
import Foundation
import Glibc
import Room

/// A folder in which somebody signs away from the ceremony's: what `approve --export` makes, and what comes back in it.
struct AwayFolder {
    /// Where the copy of the ceremony lies.
    private static let copy = "ceremony/"

    private let path: String

    init(at path: String) { self.path = path }

    // MARK: - Out

    /// Makes the folder, which must not exist.
    ///
    /// What it says is taken from the copy in it, after that was checked whole.
    ///
    /// - Parameter memory: What the person's key saw before, on this machine.
    func export(_ gate: Gate, as name: String, from ceremony: DiskFolder, memory: any MemoryPort) throws {
        try NewPlace.requireOutsideEvidence(path)
        let folder = try DiskFolder.create(at: path)
        do {
            try Self.copy(ceremony, into: folder)
            let copy = try DiskFolder(at: folder.root + "/ceremony")
            let prepared = try Approver(folder: copy, memory: memory, clock: SystemClock()).prepare(gate, as: name)
            try folder.write(Array(try Self.text(of: prepared).utf8), to: "statement.txt")
            try folder.write(prepared.bytes, to: "\(name).json")
            try folder.write(Array(AwayInstructions(prepared).text.utf8), to: "README.txt")
        } catch {
            folder.discard()
            throw error
        }
        Output.toPeople(
            "\(name) can decide on \(gate.rawValue) in the folder below. Import it when it comes back; nothing counts "
                + "before.")
        Output.data(folder.root)
    }

    /// All but what only the room needs. The transcript first, so that whatever it names is there already.
    private static func copy(_ ceremony: DiskFolder, into folder: DiskFolder) throws {
        let transcript = try ceremony.read(Transcript.path)
        try folder.write(transcript, to: copy + Transcript.path)
        for path in try ceremony.files() where path != Transcript.path && isNeeded(path) {
            try folder.write(try ceremony.read(path), to: copy + path)
        }
    }

    private static func isNeeded(_ path: String) -> Bool {
        !path.hasPrefix("wrapped/") && !path.hasPrefix("tokens/") && !path.hasSuffix(Manifest.partialSuffix)
    }

    /// The statement as a screen of 80 columns shows it.
    private static func text(of prepared: PreparedApproval) throws -> String {
        try StatementText.paragraphs(prepared.statementBytes).flatMap { $0.lines(width: 80) }.map { $0.text + "\n" }
            .joined()
    }

    // MARK: - Back

    /// Finds the decision in the folder: beside the statement, or where `keyrite approve` put it in the copy.
    ///
    /// - Throws: `CeremonyError` when there is none, or two.
    func returned(_ gate: Gate, by name: String) throws -> ReturnedApproval {
        let folder = try opened(for: name)
        let files = Set(try folder.files())
        let found = candidates(gate, by: name, files).filter { files.contains($0) && files.contains($0 + ".sig") }
        guard let first = found.first else {
            try requireSigned(files, by: name, in: folder.root)
            throw CeremonyError(
                .invalidInput, "\(folder.root) holds no decision that \(name) signed on \(gate.rawValue)",
                remedy: "It would be \(name).json with \(name).json.sig, or the like in "
                    + "ceremony/approvals/\(gate.rawValue)-N/. README.txt there says how they are made")
        }
        let approvals = try found.map {
            ReturnedApproval(
                file: "\(folder.root)/\($0)", bytes: try folder.read($0), signature: try folder.read($0 + ".sig"))
        }
        guard approvals.allSatisfy({ $0.bytes == approvals[0].bytes }) else {
            throw CeremonyError(
                .invalidInput, "\(folder.root) holds two decisions of \(name): \(first) and \(found[1])",
                remedy: "Ask \(name) which one counts, and take the other one's .sig away")
        }
        return approvals[0]
    }

    private func opened(for name: String) throws -> DiskFolder {
        do { return try DiskFolder(at: path) } catch let error as DiskError where error.code == ENOTDIR {
            throw CeremonyError(
                .invalidInput, "\(path) is no folder, or lies in none",
                remedy: "Name the folder that came back, in which \(name).json and \(name).json.sig are")
        }
    }

    /// Says so where the decision came back as it went out, and what was signed in its place, if anything.
    private func requireSigned(_ files: Set<String>, by name: String, in root: String) throws {
        guard files.contains("\(name).json"), !files.contains("\(name).json.sig") else { return }
        let other = files.filter { $0.hasSuffix(".sig") && !$0.contains("/") }.min()
        throw CeremonyError(
            .invalidInput,
            "\(root)/\(name).json is not signed: there is no \(name).json.sig beside it"
                + (other.map { ", and \($0) is no signature of a decision" } ?? ""),
            remedy: "Have \(name) sign \(name).json, as README.txt there says under 3, and give the folder back")
    }

    /// The copy has earlier attempts' too: it is the last one's that was decided upon here.
    private func candidates(_ gate: Gate, by name: String, _ files: Set<String>) -> [String] {
        let attempts = files.compactMap { file -> Int? in
            guard let number = file.wholeMatch(of: /ceremony\/statements\/([a-z]+)-([1-9][0-9]{0,8})\.json/) else {
                return nil
            }
            return number.1 == gate.rawValue ? Int(number.2) : nil
        }
        return ["\(name).json"] + (attempts.max().map { [Self.copy + Approval.path(gate, $0, name)] } ?? [])
    }
}
