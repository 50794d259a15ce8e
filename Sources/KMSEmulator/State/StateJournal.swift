import CryptoPrimitives
import Disk
import Foundation
import Glibc

/// The state file: a line that says what it is, then a line for each change, on the disk before the call is answered.
///
/// A change's line is the SHA-256 of its JSON, a space and the JSON. A last line without its end was never answered
/// for: the emulator was killed over it, and it is cut off. Anything else that does not add up is refused. When most
/// of the file is history, it is replaced by a file that holds the state alone.
///
/// The file holds key material in the open, for whoever may read it: mode 0600, and never for real keys.
final class StateJournal {
    /// What the first line says.
    private struct Header: Codable, Equatable {
        static let format = "keyrite-emulator-state"
        static let version = 1

        let format: String
        let version: Int
        let account: String
    }

    /// Below this many bytes no history is worth the trouble.
    private static let smallest = 1 << 20

    private let path: String
    private let account: String
    private var file: OpenFile
    private var size: Int
    private var compactAbove: Int
    private var isBroken = false

    /// Opens a state file, or makes one.
    ///
    /// - Parameters:
    ///   - path: Of the file; its folder must be there.
    ///   - account: 12 digits; a file of another account is refused.
    /// - Returns: The journal, and the state that it leads to.
    /// - Throws: `StateError` when another emulator has it, it is somebody else's to read, or is not what it should be.
    static func open(path: String, account: String) throws -> sending (StateJournal, KeyringState) {
        let file = try StateError.ofDisk { try openLocked(path) }
        let status = try StateError.ofDisk { try file.status() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StateError("\(path) is no file") }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw StateError("\(path) holds key material and others may read it; do: chmod 600 \(path)")
        }
        let bytes = try StateError.ofDisk { try file.readAll(limit: .max) }
        var (state, intact) = try read(bytes, path: path, account: account)
        try StateError.ofDisk { try file.cut(to: intact) }
        let journal = StateJournal(path: path, account: account, file: file, size: intact)
        if intact == 0 {
            try journal.replace(with: KeyringState())
            state = KeyringState()
        }
        return (journal, state)
    }

    private init(path: String, account: String, file: consuming OpenFile, size: Int) {
        self.path = path
        self.account = account
        self.file = file
        self.size = size
        compactAbove = max(Self.smallest, 4 * size)
    }

    /// - Throws: `StateError` once a change could not be written: what is in memory is ahead of the file then.
    func requireIntact() throws {
        guard !isBroken else {
            throw StateError("\(path) could not be written; make room and start the emulator again")
        }
    }

    /// - Parameter whole: The state after the change.
    /// - Throws: `StateError` when it is not on the disk; the journal takes nothing from then on.
    func append(_ change: StateChange, whole: KeyringState) throws {
        try requireIntact()
        isBroken = true
        let line = try Self.line(change)
        try StateError.ofDisk {
            try file.writeAll(line)
            try file.sync()
        }
        size += line.count
        isBroken = false
        if size > compactAbove {
            // The long file is as good as the short one; a failure to shorten it is no loss.
            compactAbove = size * 2
            try? replace(with: whole)
        }
    }

    private func replace(with state: KeyringState) throws {
        let header = Header(format: Header.format, version: Header.version, account: account)
        let bytes = try Self.encoder.encode(header) + [Self.end] + Self.line(StateChange(state, state.names))
        try StateError.ofDisk {
            let next = path + ".next"
            unlink(next)
            let file = try OpenFile(next, flags: O_RDWR | O_CREAT | O_EXCL)
            guard try file.lockIfFree() else { throw StateError("cannot lock \(next)") }
            try file.writeAll([UInt8](bytes))
            try file.sync()
            guard rename(next, path) == 0 else { throw DiskError("rename", next) }
            self.file = file
            size = bytes.count
            compactAbove = max(Self.smallest, 4 * size)
            let cut = path.lastIndex(of: "/")
            let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY).sync()
        }
    }
}

extension StateJournal {
    private static let end = UInt8(ascii: "\n")

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// A file that stays the one of this name: it may be replaced between its opening and its locking.
    private static func openLocked(_ path: String) throws -> OpenFile {
        while true {
            let file = try OpenFile(path, flags: O_RDWR | O_CREAT)
            guard try file.lockIfFree() else {
                throw StateError("\(path) is in use by another emulator; give each a file of its own")
            }
            if try file.isStill(at: path) { return file }
        }
    }

    private static func line(_ change: StateChange) throws -> [UInt8] {
        let json = [UInt8](try encoder.encode(change))
        return Array(SHA256Digest(of: json).hex.utf8) + [UInt8(ascii: " ")] + json + [end]
    }

    /// - Returns: The state, and how many bytes lead to it; 0 bytes of a file that was never finished.
    private static func read(
        _ bytes: [UInt8], path: String, account: String
    ) throws -> (KeyringState, intact: Int) {
        var state = KeyringState()
        guard !bytes.isEmpty else { return (state, 0) }
        var lines = bytes.split(separator: end, omittingEmptySubsequences: false)
        let torn = lines.removeLast()
        guard let first = lines.first else {
            throw StateError("\(path) is no state file of the emulator; name another, or none that is there")
        }
        try check(header: Array(first), path: path, account: account)
        for (index, line) in lines.enumerated().dropFirst() {
            guard let change = try? change(Array(line)) else {
                throw StateError(
                    "\(path) is corrupt in line \(index + 1) of \(lines.count); put back a copy of it, or name another "
                        + "file to begin anew")
            }
            change.apply(to: &state)
        }
        return (state, bytes.count - torn.count)
    }

    private static func check(header line: [UInt8], path: String, account: String) throws {
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(line)), header.format == Header.format
        else {
            throw StateError("\(path) is no state file of the emulator; name another, or none that is there")
        }
        guard header.version == Header.version else {
            throw StateError(
                "\(path) is of version \(header.version), and this emulator reads version \(Header.version); use the "
                    + "emulator that wrote it, or name another file to begin anew")
        }
        guard header.account == account else {
            throw StateError("\(path) is of account \(header.account), and this emulator's is \(account)")
        }
    }

    private static func change(_ line: [UInt8]) throws -> StateChange {
        let json = line.dropFirst(65)
        guard line.count > 65, line[64] == UInt8(ascii: " "),
            String(decoding: line[..<64], as: UTF8.self) == SHA256Digest(of: json).hex
        else { throw StateError("a line does not add up") }
        return try JSONDecoder().decode(StateChange.self, from: Data(json))
    }
}
