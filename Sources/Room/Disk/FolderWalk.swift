import CryptoPrimitives
import Disk
import Evidence
import Glibc

/// Lists a ceremony folder by the very bytes of its names: what cannot be listed truly is refused, never left out.
struct FolderWalk {
    /// The deepest that evidence lies below its folder.
    private static let maximumDepth = 8

    /// Of a link, a pipe or a device.
    static let isNeither = "it is neither a file nor a folder"

    let root: String

    /// The folder and all below it, as far as this user may list them, whatever else lies in them.
    func folders() -> [String] {
        var (found, next) = ([root], [(root, 0)])
        while let (path, depth) = next.popLast() {
            guard depth < Self.maximumDepth, let stream = opendir(path) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
                guard name.allSatisfy(Self.isNameByte), name != Array(".".utf8), name != Array("..".utf8) else {
                    continue
                }
                let below = path + "/" + String(decoding: name, as: UTF8.self)
                var status = stat()
                guard lstat(below, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, access(below, R_OK) == 0 else {
                    continue
                }
                found.append(below)
                next.append((below, depth + 1))
            }
        }
        return found
    }

    func files() throws -> [String] {
        try files(in: "", depth: 0)
    }

    private func files(in folder: String, depth: Int) throws -> [String] {
        guard depth < Self.maximumDepth else { throw EvidenceError(folder, "it lies too deep for evidence") }
        var found: [String] = []
        for name in try names(in: folder) {
            let path = folder.isEmpty ? name : folder + "/" + name
            switch try kind(of: path) {
            case S_IFDIR: found += try files(in: path, depth: depth + 1)
            case S_IFREG: found.append(path)
            case nil: continue
            default: throw EvidenceError(path, Self.isNeither)
            }
        }
        return found
    }

    private func names(in folder: String) throws -> [String] {
        let path = root + "/" + folder
        guard let stream = opendir(path) else { throw DiskError("list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw DiskError("list", path) }
                return names
            }
            let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes == Array(".".utf8) || bytes == Array("..".utf8) { continue }
            guard bytes.allSatisfy(Self.isNameByte) else {
                throw EvidenceError(
                    folder.isEmpty ? "." : folder, "it has a name that evidence never has: \(Hex.encode(bytes)) in hex")
            }
            names.append(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// - Returns: nil for a half-written file that its writer has put in place, or taken away, in between.
    private func kind(of path: String) throws -> mode_t? {
        var status = stat()
        guard lstat(root + "/" + path, &status) == 0 else {
            if errno == ENOENT, path.hasSuffix(Manifest.partialSuffix) { return nil }
            throw DiskError("look at", path)
        }
        return status.st_mode & S_IFMT
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
