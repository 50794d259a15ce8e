import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

extension TestRoom {
    /// Holds both verifiers to one verdict on the room's folder.
    ///
    /// - Parameter word: `VERIFIED`, `NOT CLOSED` or `REFUSED`, as scripts/verify.sh begins its last paragraph.
    func expectBothSay(_ word: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let ours =
            switch try verdict() {
            case .verified: "VERIFIED"
            case .consistentNotTrusted: "CONSISTENT, NOT TRUSTED"
            case .notClosed: "NOT CLOSED"
            case .refused(let error): "REFUSED: \(error)"
            }
        #expect(ours.hasPrefix(word), "\(ours)", sourceLocation: sourceLocation)
        let said = try await shellVerdict()
        #expect(said.contains("\n\n\(word)"), "\(said)", sourceLocation: sourceLocation)
    }

    /// What scripts/verify.sh prints about the room's folder.
    func shellVerdict() async throws -> String {
        let root = FileManager.default.temporaryDirectory.appending(path: "kr-folder-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        for path in try folder.files() {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(try folder.read(path)).write(to: file)
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../scripts/verify.sh").standardizedFileURL.path
        let digest = Roster.digest(of: try roster.json()).hex
        let run = try await runProcess("dash", [script, root.path, "--roster", digest])
        return run.stdoutText + run.stderrText
    }
}
