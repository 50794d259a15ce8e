import Foundation
import TestSupport

/// What a command said when it refused, with names for what no two runs share.
struct Complaint: Equatable, CustomStringConvertible {
    let status: Int32
    let text: String

    var description: String { "\(status): \(text)" }

    init(_ status: Int32, _ text: String) {
        self.status = status
        self.text = text
    }

    /// - Parameter base: The test's own folder, which is named BASE.
    init(_ outcome: ProcessOutcome, base: URL) {
        var text = outcome.stderrText.replacing(base.path, with: "BASE")
        for (pattern, name) in Self.names { text = text.replacing(pattern, with: name) }
        self.init(outcome.status, text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }

    private static var names: [(Regex<Substring>, String)] {
        [
            (#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#, "TIME"),
            (#/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/#, "UUID"),
            (#/\b[0-9a-f]{64}\b/#, "SHA256"),
            (#/127\.0\.0\.1:\d+/#, "LOOPBACK"),
            (#/\b[0-9a-f]{16}\b/#, "SERIAL"), (#/SHA256:[A-Za-z0-9+\/]{43}/#, "FINGERPRINT"),
            (#/\/tmp\/keyrite-\w{6}/#, "SOCKETS"),
        ]
    }
}

/// Every file below a folder with its bytes, to see that nothing changed.
func snapshot(of folder: URL) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
        let url = folder.appending(path: path)
        found[path] =
            (try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
            ? try Data(contentsOf: url) : Data()
    }
    return found
}
