import CryptoPrimitives
import Disk
import Evidence
import Foundation
import Glibc
import Synchronization

/// A unit's part in the making, as lines: references, some on each; the finding; and last the label, which has a digest of all
/// before it. It is put in place whole, or not at all.
final class PartFile: InventoryPart {
    /// The last line.
    struct Label: Codable {
        let unit: InventoryUnit
        let at: Evidence.Timestamp
        let sha256: String
    }

    /// What a part that is whole holds.
    struct Content {
        let label: Label
        fileprivate let path: String
    }

    private let path: String
    private let unit: InventoryUnit
    private let now: @Sendable () -> Evidence.Timestamp
    private let file: Mutex<OpenFile>
    private var partial: String { path + ".new" }

    /// - Parameter path: Where it lies, once it is whole.
    /// - Throws: `EstateError` where it cannot be made.
    init(at path: String, of unit: InventoryUnit, now: @escaping @Sendable () -> Evidence.Timestamp) throws {
        (self.path, self.unit, self.now) = (path, unit, now)
        file = Mutex(try EstateError.ofDisk { try OpenFile(path + ".new", flags: O_RDWR | O_CREAT | O_TRUNC) })
    }

    func add(_ references: [FoundReference]) throws { if !references.isEmpty { try write(references) } }

    func end(with finding: InventoryFinding) throws {
        guard finding.isLasting else {
            unlink(partial)
            return
        }
        try write(finding)
        let digest = try file.withLock { try SHA256Digest(ofFile: $0.descriptor) }
        try write(Label(unit: unit, at: now(), sha256: digest.hex))
        try EstateError.ofDisk { try file.withLock { try $0.sync() } }
        guard rename(partial, path) == 0 else {
            throw EstateError(path, "it cannot be put in place: \(String(cString: strerror(errno)))")
        }
    }

    private func write(_ value: some Encodable) throws {
        let line = try PartsFolder.encoded(value) + [UInt8(ascii: "\n")]
        try EstateError.ofDisk { try file.withLock { try $0.writeAll(line) } }
    }
}

extension PartFile.Content {
    /// The most bytes of a label.
    private static let longest = 4_096

    /// nil for what is torn.
    init?(at path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard let size = try? file.seekToEnd(),
            (try? file.seek(toOffset: size - min(size, UInt64(Self.longest)))) != nil,
            let tail = try? file.readToEnd(), tail.last == UInt8(ascii: "\n"),
            let last = tail.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last,
            let label = try? JSONDecoder().decode(PartFile.Label.self, from: Data(last)),
            let digest = try? SHA256Digest(ofFile: file.fileDescriptor, upTo: Int(size) - last.count - 1),
            digest.hex == label.sha256
        else { return nil }
        (self.label, self.path) = (label, path)
    }

    /// - Parameter take: Gets the references, some at a time.
    /// - Throws: What `take` throws; `EstateError` for what is not of this version, or changed since.
    func finding(_ take: ([FoundReference]) throws -> Void) throws -> InventoryFinding {
        var finding: InventoryFinding?
        do {
            try FileLines.each(at: path) { line in
                let line = Data(line)
                // The label is last, and is none of these.
                if line.first == UInt8(ascii: "[") {
                    try take(try JSONDecoder().decode([FoundReference].self, from: line))
                } else if finding == nil {
                    finding = try JSONDecoder().decode(InventoryFinding.self, from: line)
                }
            }
        } catch is DecodingError { finding = nil }
        guard let finding else {
            throw EstateError(path, "it is no part as this version writes it; begin again with --afresh")
        }
        return finding
    }
}
