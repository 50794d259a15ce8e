import Disk
import Evidence
import Foundation
import Glibc

/// What a folder on disk is, by what lies in it, whether that holds or not.
package enum FolderKind: Sendable {
    /// A ceremony's, or what is left of one.
    case ceremony
    /// A roster's alone.
    case roster

    /// - Returns: nil for every other folder, and for what is none.
    package init?(of path: String) {
        if Self.hasTraces(path) {
            self = .ceremony
        } else if Self.isSchema("keyrite.roster/", in: path + "/" + Roster.path) {
            self = .roster
        } else {
            return nil
        }
    }

    /// What nobody may take for anything else: of a plan, or a roster, that says itself that it is Keyrite's.
    ///
    /// - Returns: nil for a folder that may have such names by chance.
    package init?(surelyOf path: String) {
        if Self.isSchema("keyrite.plan/", in: path + "/" + Plan.path) {
            self = .ceremony
        } else if Self.isSchema("keyrite.roster/", in: path + "/" + Roster.path) {
            self = Self.hasTraces(path) ? .ceremony : .roster
        } else {
            return nil
        }
    }

    /// The ceremonies that a person may have meant who named this path: around it, in it, or beside it.
    ///
    /// - Returns: Their paths, as they follow from this one; none where none is near.
    package static func ceremonies(near path: String) -> [String] {
        if let around = folder(around: path), case .ceremony = around.kind { return [around.path] }
        let base = path == "/" ? "" : path
        let within = names(in: path).flatMap { ["\(base)/\($0)", "\(base)/\($0)/ceremony"] }.filter(isPlanned)
        let beside = URL(fileURLWithPath: path).deletingLastPathComponent().path + "/ceremony"
        return within.isEmpty && isPlanned(beside) ? [beside] : within
    }

    /// The ceremony's or the roster's folder that something at this path would lie in.
    ///
    /// - Parameter path: Absolute, without links; what it names need not be there.
    package static func folder(around path: String) -> (kind: FolderKind, path: String)? {
        var above = path
        while above.count > 1 {
            above = URL(fileURLWithPath: above).deletingLastPathComponent().path
            if let kind = FolderKind(surelyOf: above) { return (kind, above) }
        }
        return nil
    }

    private static func isPlanned(_ path: String) -> Bool {
        if case .ceremony = FolderKind(surelyOf: path) { true } else { false }
    }

    private static func hasTraces(_ path: String) -> Bool {
        CeremonyTraces.files.contains { exists("\(path)/\($0)") }
            || CeremonyTraces.foldersOfGates.contains { folder in
                names(in: "\(path)/\(folder)").contains(where: CeremonyTraces.isOfGate)
            }
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The names in a folder, sorted by their bytes, without those that are hidden.
    private static func names(in path: String) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return [] }
        return names.filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func isSchema(_ schema: String, in file: String) -> Bool {
        guard let file = try? OpenFile(file, flags: O_RDONLY),
            let bytes = try? file.readAll(limit: CanonicalJSON.defaultLimit)
        else { return false }
        return Data(bytes).range(of: Data("\"schema\":\"\(schema)".utf8)) != nil
    }
}
