import CryptoPrimitives
import Glibc
import Synchronization

/// A library in this process, and the SHA-256 of the very file that it was loaded from.
///
/// It is loaded by its path, not by the descriptor that is digested, since modules look for their siblings and their
/// configuration beside it: NSS's softoken finds libfreebl3.so by where it itself lies. Afterwards the loader is asked
/// whether what it mapped is the file of that descriptor, and the file is digested again. A library that was put in its
/// place meanwhile is refused before any function of PKCS#11 is called; the code that a library has run when it is loaded
/// ran by then. What the library itself depends on is the system's, and is not digested.
struct LoadedLibrary: @unchecked Sendable {
    // Unchecked because of the handle, which is never closed: modules start threads and register handlers that outlive
    // any "unload".
    let handle: UnsafeMutableRawPointer
    let digest: SHA256Digest

    /// Loads a library.
    ///
    /// - Parameters:
    ///   - path: Its absolute path.
    ///   - expected: The digest that it must have; it is not loaded with another. nil for any.
    ///   - meanwhile: Called between the digest and the loading, for tests.
    /// - Throws: `PKCS11Error`.
    init(path: String, expected: SHA256Digest? = nil, meanwhile: () throws -> Void = {}) throws {
        let step = "loading \(path)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PKCS11Error(step, .system(String(cString: strerror(errno)))) }
        defer { close(descriptor) }
        let before = try FileState(descriptor, step)
        if let expected, before.digest != expected {
            throw PKCS11Error(
                step, .refused("its SHA-256 is \(before.digest.hex), not \(expected.hex)"),
                remedy: "It was not loaded, and no PIN was sent to it. Restore the module that was there.")
        }
        try meanwhile()
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw PKCS11Error(step, .system(dlerror().map { String(cString: $0) } ?? "it cannot be loaded"))
        }
        // The loader knows a loaded file by device and inode, as it mapped it; the descriptor keeps its inode from being
        // another's.
        let same = dlopen(Self.name(of: descriptor), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)
        guard same == handle, try FileState(descriptor, step) == before else {
            throw PKCS11Error(
                step, .refused("another file was put in its place, or it was changed, while it was loaded"),
                remedy: "Nothing was asked of it, and no PIN was sent to it. Find out who changed it, restore it, and "
                    + "start again.")
        }
        (self.handle, digest) = (handle, before.digest)
    }

    /// How often a descriptor was named.
    private static let names = Mutex(0)

    /// A path of a file that is open, by a name that was never used: the loader remembers under which names it was asked
    /// for what it has, and numbers of descriptors come again.
    private static func name(of descriptor: Int32) -> String {
        let number = names.withLock { number in
            number += 1
            return number
        }
        return "/proc/self/fd" + String(repeating: "/", count: number) + "\(descriptor)"
    }

    /// The digest of a file that is not loaded.
    static func digest(_ path: String) throws -> SHA256Digest {
        let step = "reading \(path)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PKCS11Error(step, .system(String(cString: strerror(errno)))) }
        defer { close(descriptor) }
        return try FileState(descriptor, step).digest
    }
}

/// What a file holds, and when that was last changed.
private struct FileState: Hashable {
    let digest: SHA256Digest
    private let changed: [Int]

    init(_ descriptor: Int32, _ step: String) throws {
        var found = stat()
        guard fstat(descriptor, &found) == 0, found.st_mode & S_IFMT == S_IFREG else {
            throw PKCS11Error(step, .refused("it is no file"))
        }
        do {
            digest = try SHA256Digest(ofFile: descriptor)
        } catch let error as SHA256Digest.Unread {
            throw PKCS11Error(step, .system(error.reason))
        }
        changed = [
            Int(found.st_size), found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_ctim.tv_sec,
            found.st_ctim.tv_nsec,
        ]
    }
}
