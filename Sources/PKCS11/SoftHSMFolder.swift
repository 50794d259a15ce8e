import Foundation

/// A folder of SoftHSM 2 tokens with its configuration, for rehearsals and tests.
package struct SoftHSMFolder: Sendable {
    /// The folder's absolute path.
    package let path: String

    /// SoftHSM's configuration file in the folder.
    package var configuration: String { path + "/softhsm2.conf" }

    /// What SoftHSM needs in its environment, and all of it.
    package var environment: [String: String] { ["SOFTHSM2_CONF": configuration] }

    /// A folder that was made before.
    package init(path: String) { self.path = path }

    /// Makes the folder; nothing may stand there yet.
    ///
    /// - Parameter path: Absolute, without line breaks; its parent exists.
    package static func create(at path: String) throws -> SoftHSMFolder {
        guard path.hasPrefix("/"), !path.contains(where: \.isNewline) else {
            throw PKCS11Error("making a SoftHSM folder", .refused("its path must be absolute and on one line"))
        }
        let folder = SoftHSMFolder(path: path)
        let ownerOnly: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        let files = FileManager.default
        try files.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: ownerOnly)
        try files.createDirectory(atPath: path + "/tokens", withIntermediateDirectories: false, attributes: ownerOnly)
        let lines = [
            "directories.tokendir = \(path)/tokens", "objectstore.backend = file", "log.level = ERROR",
            "slots.removable = false",
        ]
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(
            to: URL(fileURLWithPath: folder.configuration), options: .withoutOverwriting)
        return folder
    }

    /// What SoftHSM in this process cannot find of what its environment and its configuration name; nil where that is all
    /// there, or nothing is named.
    static func missing() -> String? {
        guard let path = ProcessInfo.processInfo.environment["SOFTHSM2_CONF"] else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            return "SOFTHSM2_CONF names \(path), which is not there or cannot be read"
        }
        let named = text.split(separator: "\n").compactMap { line -> String? in
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.count == 2 && parts[0] == "directories.tokendir" ? parts[1] : nil
        }
        guard let tokens = named.first, !FileManager.default.isReadableFile(atPath: tokens) else { return nil }
        return "\(path) names the folder \(tokens) for its tokens, which is not there or cannot be read"
    }
}
