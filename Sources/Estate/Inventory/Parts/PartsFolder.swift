import CryptoPrimitives
import Disk
package import Evidence
import Foundation
import Glibc

/// The folder beside a snapshot that is being read, with a file for each unit that is done, and for each key whose callers were
/// looked up. It is its owner's alone, and
/// whoever reads into it holds its lock, which ends with the process.
///
/// Each file is put in place whole, and has a digest of what it holds: what is torn is read again. What is found goes to its
/// file as it comes: memory does not grow with it.
package final class PartsFolder: InventoryParts {
    /// In seconds: what is older is taken over only when somebody says so.
    package static let longestAge: Int64 = 86_400
    private static let schema = "keyrite.inventory-parts/4"
    private static let reading = "reading.json"
    private static let lookup = "lookup.json"
    private static let (part, callers) = (".part", ".callers")

    /// How parts that are there already are met.
    package enum Wish: Sendable {
        /// They are taken over, unless they are too old.
        case takeOver
        /// They are taken over, however old.
        case takeOverAnyAge
        /// They are thrown away.
        case afresh
    }

    /// The first file: what is read, and since when.
    private struct Reading: Codable {
        let schema: String
        let began: Timestamp
        let question: PartsQuestion
        /// Whether a snapshot was written of it, with gaps that can pass; absent where none was.
        var isWritten: Bool?
    }

    /// The file that comes before all callers: since when they are looked up.
    private struct Lookup: Codable {
        let days: Int
        let since: Timestamp
    }

    /// The first line of what came of a key.
    private struct Label: Codable {
        let unit: LookupUnit
        let at: Timestamp
        let sha256: String
    }

    package let path: String
    /// When the reading began whose parts these are.
    package let began: Timestamp
    /// The parts that are there already, and when each was read.
    package let known: [InventoryUnit: Timestamp]
    /// Whether a snapshot was written of what is here, which has all of it.
    package let isWritten: Bool
    private let question: PartsQuestion
    private let now: @Sendable () -> Timestamp
    private let lock: PartsLock

    /// Where the parts of a snapshot lie.
    package static func path(beside snapshot: String) -> String { snapshot + ".parts" }

    /// - Parameters:
    ///   - path: The folder, which is made where there is none.
    ///   - question: What is read.
    ///   - now: The clock.
    /// - Throws: `EstateError` for a folder that is no such one, is in use, is of another reading, or too old; where it
    ///   cannot be written.
    package init(
        at path: String, for question: PartsQuestion, meeting wish: Wish, now: @escaping @Sendable () -> Timestamp
    ) throws {
        self.path = path
        self.now = now
        self.question = question
        try Self.make(path)
        lock = try PartsLock(path)
        if try wish == .afresh || wish == .takeOver && Self.isOver(in: path, at: now()) {
            try Self.clear(path) { $0 != "lock" }
        }
        if let reading = try Self.reading(in: path) {
            guard reading.question == question else {
                throw EstateError(
                    path,
                    "the parts in it are of another reading; give the same site, accounts and Regions as then, "
                        + "another --out, or begin again with --afresh")
            }
            let age = now().epochSeconds - reading.began.epochSeconds
            guard age <= Self.longestAge || wish == .takeOverAnyAge else {
                throw EstateError(
                    path,
                    "the parts in it are of a reading that began at \(reading.began), over a day ago; take them over "
                        + "all the same with --any-age, or begin again with --afresh")
            }
            began = reading.began
            isWritten = reading.isWritten ?? false
        } else {
            began = now()
            isWritten = false
            let reading = Reading(schema: Self.schema, began: began, question: question)
            try Self.put(try Self.encoded(reading), at: path + "/" + Self.reading)
        }
        known = Self.parts(in: path)
    }

    package func finding(
        of unit: InventoryUnit, _ take: ([FoundReference]) throws -> Void
    ) throws -> InventoryFinding? {
        guard known[unit] != nil, let content = PartFile.Content(at: path + "/" + Self.name(of: unit)),
            content.label.unit == unit
        else { return nil }
        return try content.finding(take)
    }

    package func begin(_ unit: InventoryUnit) throws -> any InventoryPart {
        try PartFile(at: path + "/" + Self.name(of: unit), of: unit, now: now)
    }

    package func beginLookup(over days: Int, since: Timestamp) throws -> Timestamp {
        let file = path + "/" + Self.lookup
        if let data = FileManager.default.contents(atPath: file),
            let known = try? JSONDecoder().decode(Lookup.self, from: data), known.days == days
        {
            return known.since
        }
        try Self.clear(path) { $0.hasSuffix(Self.callers) }
        try Self.put(try Self.encoded(Lookup(days: days, since: since)), at: file)
        return since
    }

    package func callers(of unit: LookupUnit) -> KeyCallers? {
        guard let found = Self.content(at: path + "/" + Self.name(of: unit)), found.label.unit == unit else {
            return nil
        }
        return try? JSONDecoder().decode(KeyCallers.self, from: found.body)
    }

    package func keep(_ callers: KeyCallers, of unit: LookupUnit) throws {
        guard callers.gap?.isLasting ?? true else { return }
        let body = try Self.encoded(callers)
        let label = Label(unit: unit, at: now(), sha256: SHA256Digest(of: body).hex)
        try Self.put(
            try Self.encoded(label) + [UInt8(ascii: "\n")] + body, at: path + "/" + Self.name(of: unit))
    }

    /// Notes that a snapshot was written of it, and that some could not be read that may be the next time. Once they are too
    /// old, parts of it are thrown away without a word: the snapshot has all that is in them.
    ///
    /// - Throws: `EstateError` where it cannot be written.
    package func settle() throws {
        let reading = Reading(schema: Self.schema, began: began, question: question, isWritten: true)
        try Self.put(try Self.encoded(reading), at: path + "/" + Self.reading)
    }

    /// Whether a snapshot was written of the parts, and they are too old to be taken over.
    private static func isOver(in path: String, at now: Timestamp) throws -> Bool {
        guard let reading = try reading(in: path), reading.isWritten == true else { return false }
        return now.epochSeconds - reading.began.epochSeconds > longestAge
    }

    /// Takes it away, once the snapshot is there and whole.
    ///
    /// - Throws: `EstateError`.
    package func remove() throws {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw EstateError(path, "it cannot be removed, though it is of no more use: \(error.localizedDescription)")
        }
    }

    // MARK: What is there

    private static func reading(in path: String) throws -> Reading? {
        guard let data = FileManager.default.contents(atPath: path + "/" + reading) else { return nil }
        guard let reading = try? JSONDecoder().decode(Reading.self, from: data), reading.schema == schema else {
            throw EstateError(path, "its \(Self.reading) is none of this version's; begin again with --afresh")
        }
        return reading
    }

    private static func parts(in path: String) -> [InventoryUnit: Timestamp] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var parts: [InventoryUnit: Timestamp] = [:]
        for name in names where name.hasSuffix(part) {
            guard let content = PartFile.Content(at: path + "/" + name), Self.name(of: content.label.unit) == name
            else { continue }
            parts[content.label.unit] = content.label.at
        }
        return parts
    }

    /// nil for what is torn.
    private static func content(at path: String) -> (label: Label, body: Data)? {
        guard let data = FileManager.default.contents(atPath: path), let end = data.firstIndex(of: UInt8(ascii: "\n")),
            let label = try? JSONDecoder().decode(Label.self, from: data[..<end])
        else { return nil }
        let body = Data(data[(end + 1)...])
        return SHA256Digest(of: body).hex == label.sha256 ? (label, body) : nil
    }

    private static func name(of unit: InventoryUnit) -> String {
        "\(unit.account).\(unit.region).\(unit.service)\(part)"
    }

    /// An ARN has what no name of a file has.
    private static func name(of unit: LookupUnit) -> String {
        let key = unit.key.map { String(SHA256Digest(of: $0.utf8).hex.prefix(32)) } ?? "all"
        return "\(unit.account).\(unit.region).\(key)\(callers)"
    }

    // MARK: The disk

    static func failure(_ path: String, _ what: String) -> EstateError {
        EstateError(path, "it cannot be \(what): \(String(cString: strerror(errno)))")
    }

    /// Makes the folder, or finds it to be its user's alone, and nothing else than such a folder.
    private static func make(_ path: String) throws {
        if mkdir(path, 0o700) == 0 { return }
        guard errno == EEXIST else { throw failure(path, "made") }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure(path, "looked at") }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw EstateError(
                path, "it is in the way: parts are kept in a folder that is yours alone; move it, or name another --out"
            )
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        guard names.allSatisfy({ isOurs($0) }) else {
            throw EstateError(path, "it has files that are no parts of an inventory; move them, or name another --out")
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        [reading, lookup, "lock"].contains(name) || [part, callers, ".new"].contains(where: name.hasSuffix)
    }

    private static func clear(_ path: String, where isOld: (String) -> Bool) throws {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where isOld(name) {
            guard unlink(path + "/" + name) == 0 else { throw failure(path + "/" + name, "removed") }
        }
    }

    /// Whole, or not at all.
    private static func put(_ bytes: [UInt8], at path: String) throws {
        let partial = path + ".new"
        let file = try EstateError.ofDisk { try OpenFile(partial, flags: O_WRONLY | O_CREAT | O_TRUNC) }
        do {
            try file.writeAll(bytes)
            try file.sync()
        } catch let error as DiskError {
            throw EstateError(
                partial,
                "it cannot be written: \(error.reason); make room: what is in the folder stays, and the same command goes on "
                    + "there")
        }
        guard rename(partial, path) == 0 else { throw failure(path, "put in place") }
    }

    static func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
