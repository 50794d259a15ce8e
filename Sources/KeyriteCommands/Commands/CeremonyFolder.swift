import AWS
import Ceremony
import Disk
import Evidence
import Foundation
import Glibc
import Room

/// A ceremony folder, as a person names it.
///
/// One that lacks a file, and has others that only a ceremony has, is damaged evidence, which whoever reads it says. What
/// never was one is named wrong: nothing is to be restored there.
enum CeremonyFolder {
    /// Opens it.
    ///
    /// - Throws: `CeremonyError` for what is no ceremony's folder, with the one that may be meant; `DiskError` where there is nothing.
    static func open(_ path: String) throws -> DiskFolder {
        guard let folder = try existing(path) else {
            throw refusal("\(shown(path)) is a file", at: URL(fileURLWithPath: path).standardizedFileURL.path)
        }
        switch FolderKind(of: folder.root) {
        case .ceremony: return folder
        case .roster:
            throw refusal(
                "\(shown(folder.root)) is a roster's folder, and no ceremony's: it has no plan.json", at: folder.root)
        case nil:
            throw refusal(
                "\(shown(folder.root)) is no ceremony's folder: it has neither plan.json nor transcript.jsonl, nor anything that was "
                    + "signed at a gate", at: folder.root)
        }
    }

    /// - Returns: nil where a file is.
    private static func existing(_ path: String) throws -> DiskFolder? {
        do { return try DiskFolder(at: path) } catch let error as DiskError {
            guard error.code == ENOTDIR, access(path, F_OK) == 0 else { throw error }
            return nil
        }
    }

    private static func refusal(_ what: String, at path: String) -> CeremonyError {
        let near = FolderKind.ceremonies(near: path).map(shown)
        let remedy =
            switch near.count {
            case 0: "Name the folder that keyrite plan made"
            case 1: "Name the ceremony's folder: \(near[0])"
            case 2...3: "Name the folder of one ceremony: \(near.joined(separator: ", "))"
            default: "Name the folder of one ceremony: \(near.prefix(3).joined(separator: ", ")) or another"
            }
        return CeremonyError(.invalidInput, what, remedy: remedy)
    }

    private static func shown(_ path: String) -> String { Printable.text(path, limit: Int(PATH_MAX)) }
}

/// Something that a command is to make at a path that a person names.
enum NewPlace {
    /// Refuses one in a ceremony's folder or in a roster's: what lies there is evidence, and a file more spoils it.
    ///
    /// - Throws: `CeremonyError`.
    static func requireOutsideEvidence(_ path: String) throws {
        let parent = NSString(string: path).deletingLastPathComponent
        guard let resolved = realpath(parent.isEmpty ? "." : parent, nil) else { return }
        defer { free(resolved) }
        let place = String(cString: resolved) + "/" + NSString(string: path).lastPathComponent
        guard let around = FolderKind.folder(around: place) else { return }
        let whose =
            switch around.kind {
            case .ceremony: "the ceremony's own folder"
            case .roster: "the roster's own folder"
            }
        throw CeremonyError(
            .invalidInput, "\(path) would lie in \(whose), \(around.path), where nothing else may be",
            remedy: "Name a place beside that")
    }
}
