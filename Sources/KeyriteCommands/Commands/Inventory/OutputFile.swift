import AWS
import Ceremony
import Disk
import Estate
import Foundation
import Glibc

/// A file that a command writes whole or not at all, in the place of an older one of its kind and of nothing else.
///
/// A link to one is followed. What is there keeps its permissions; what is not made by Keyrite stays as it is.
struct OutputFile {
    enum Kind {
        case snapshot
        case page

        /// What it is called, for people.
        fileprivate var name: String { self == .snapshot ? "a snapshot of an inventory" : "a page of an inventory" }

        /// Whether a file begins as one does, of whatever version.
        fileprivate func isBegun(by bytes: Data) -> Bool {
            switch self {
            case .snapshot:
                let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
                return line.first == UInt8(ascii: "{")
                    && line.range(of: Data(#""schema":"keyrite.inventory/"#.utf8)) != nil
            case .page: return bytes.range(of: Data(InventoryPage.mark.utf8)) != nil
            }
        }
    }

    /// As somebody named it.
    private let path: String
    private let kind: Kind
    /// What is read: it is not written over.
    private let inputs: [String]
    /// In how much of a file it is looked what it is; the first line of a snapshot of many accounts is long.
    private static let glance = 4 << 20

    /// - Parameters:
    ///   - kind: What may be replaced. An empty file may, too.
    ///   - inputs: Files that are read for it.
    /// - Throws: `CeremonyError` where it cannot be written, or something is there that is to stay.
    init(at path: String, replacing kind: Kind, inputs: [String] = []) throws {
        (self.path, self.kind, self.inputs) = (path, kind, inputs)
        let target = try target()
        let folder = URL(filePath: target.path).deletingLastPathComponent().path
        guard access(folder, W_OK | X_OK) == 0 else { throw unwritable(.invalidInput) }
    }

    /// - Throws: `CeremonyError`; then what was there is there still.
    func write(_ bytes: [UInt8]) throws { try write { try $0(bytes) } }

    /// The same of what is made piece by piece.
    ///
    /// - Parameters:
    ///   - suffix: With it at the end of its name, what was there is kept; nil where it need not be.
    ///   - make: Hands the pieces over.
    /// - Returns: Where it is kept; nil where it is not.
    /// - Throws: What `make` throws; `CeremonyError`.
    @discardableResult
    func write(
        keepingAs suffix: String? = nil, _ make: ((_ piece: [UInt8]) throws -> Void) throws -> Void
    ) throws -> String? {
        // Another may have come there meanwhile.
        let target = try target()
        let partial = "\(target.path).\(getpid()).new"
        guard let file = try? OpenFile(partial, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o666) else {
            throw unwritable(.environment)
        }
        do {
            try make { piece in
                do { try file.writeAll(piece) } catch { throw unwritable(.environment) }
            }
            if let status = target.status {
                // Whoever may not give a file away keeps it, and its permissions all the same.
                _ = fchown(file.descriptor, status.st_uid, status.st_gid)
                guard fchmod(file.descriptor, status.st_mode & 0o777) == 0 else { throw unwritable(.environment) }
            }
            do { try file.sync() } catch { throw unwritable(.environment) }
            let kept = target.status == nil ? nil : try suffix.map { try keep(target.path, as: $0) }
            guard rename(partial, target.path) == 0 else { throw unwritable(.environment) }
            return kept
        } catch {
            unlink(partial)
            throw error
        }
    }

    /// Gives a file a second name, which nothing has yet.
    private func keep(_ file: String, as suffix: String) throws -> String {
        for number in 1...Self.namesakes {
            let name = "\(file).\(suffix)" + (number == 1 ? "" : ".\(number)")
            if link(file, name) == 0 { return name }
            if errno == EEXIST { continue }
            // Some disks have no second names. Until the new one is in place there is none by the first, then.
            var status = stat()
            if lstat(name, &status) != 0, errno == ENOENT, rename(file, name) == 0 { return name }
            break
        }
        throw CeremonyError(
            .environment,
            "\(Printable.text(path)) has what could not be read this time, and cannot be kept under another name",
            remedy: "Move it away, then give the same command again")
    }

    /// Files of one reading that are kept.
    private static let namesakes = 9

    /// Where the path leads, and what is there; nil for nothing.
    private func target() throws -> (path: String, status: stat?) {
        var link = stat()
        guard lstat(path, &link) == 0 else {
            guard errno == ENOENT, !path.hasSuffix("/") else { throw unwritable(.invalidInput) }
            return (path, nil)
        }
        var status = stat()
        guard let real = realpath(path, nil), stat(path, &status) == 0 else {
            throw refusal("is a link that leads nowhere", "Name the file itself")
        }
        defer { free(real) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw refusal(
                "cannot be written: it is no file that can be replaced",
                "Name a file; data goes to the standard output by itself")
        }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            var own = stat()
            if fstat(descriptor, &own) == 0, Self.isSame(own, status) {
                throw refusal("is where this command's words go", "Name another file")
            }
        }
        for input in inputs {
            var read = stat()
            if stat(input, &read) == 0, Self.isSame(read, status) {
                throw refusal("is what is read, \(Printable.text(input))", "Name another file")
            }
        }
        guard status.st_size == 0 || isOfKind() else {
            throw refusal("is there, and is not \(kind.name)", "Name another file, or move that one away")
        }
        return (String(cString: real), status)
    }

    private func isOfKind() -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: Self.glance) else {
            return false
        }
        return kind.isBegun(by: bytes)
    }

    private static func isSame(_ one: stat, _ other: stat) -> Bool {
        one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }

    private func refusal(_ what: String, _ remedy: String) -> CeremonyError {
        CeremonyError(.invalidInput, "\(Printable.text(path)) \(what)", remedy: remedy)
    }

    private func unwritable(_ kind: CeremonyError.Kind) -> CeremonyError {
        CeremonyError(
            kind, "\(Printable.text(path)) cannot be written", remedy: "Check the path, its permissions and the disk")
    }
}
