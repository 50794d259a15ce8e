import COpenSSL
import Glibc

/// Bytes that must not outlive their use: locked in memory, left out of core dumps, zeroised when released.
///
/// The bytes are reachable only inside a closure, so no copy is made by accident.
package final class SecretBytes: @unchecked Sendable {
    // Unchecked because of the pointer: the pages are written only before init returns, and never again until deinit.
    private let pages: UnsafeMutableRawPointer
    private let pagesSize: Int
    /// The number of secret bytes.
    package let count: Int

    /// Makes a locked buffer and lets the caller fill it.
    ///
    /// - Parameters:
    ///   - capacity: The most bytes `fill` may write.
    ///   - fill: Writes the secret and returns how many bytes it wrote.
    /// - Throws: `CryptoError` when the pages cannot be locked, or whatever `fill` throws; the pages are zeroised then.
    package init(capacity: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = max(1, (capacity + pageSize - 1) / pageSize) * pageSize
        let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else {
            throw CryptoError("cannot map memory for a secret", reasons: [String(cString: strerror(errno))])
        }
        guard mlock(mapped, size) == 0, madvise(mapped, size, MADV_DONTDUMP) == 0 else {
            let reason = String(cString: strerror(errno))
            munmap(mapped, size)
            throw CryptoError(
                "cannot lock memory for a secret; raise the limit of locked memory (ulimit -l)", reasons: [reason])
        }
        pages = mapped
        pagesSize = size
        do {
            let written = try fill(UnsafeMutableRawBufferPointer(start: mapped, count: capacity))
            guard (0...capacity).contains(written) else {
                throw CryptoError("a secret outgrew its buffer", reasons: [])
            }
            count = written
        } catch {
            Self.release(mapped, size)
            throw error
        }
    }

    /// A locked copy of bytes that already lie elsewhere; the source is the caller's to zeroise.
    package convenience init(copying source: UnsafeRawBufferPointer) throws {
        try self.init(capacity: source.count) { buffer in
            buffer.copyMemory(from: source)
            return source.count
        }
    }

    deinit {
        Self.release(pages, pagesSize)
    }

    private static func release(_ pages: UnsafeMutableRawPointer, _ size: Int) {
        OPENSSL_cleanse(pages, size)
        munlock(pages, size)
        munmap(pages, size)
    }

    /// Lends the bytes for the length of `body`; the pointer must not escape it.
    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: pages, count: count))
    }

    /// Whether two secrets are the same bytes, compared in constant time.
    package func isEqual(to other: SecretBytes) -> Bool {
        count == other.count && CRYPTO_memcmp(pages, other.pages, count) == 0
    }

    /// Random bytes from OpenSSL's generator for private values.
    package static func random(count: Int) throws -> SecretBytes {
        try SecretBytes(capacity: count) { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            try require(RAND_priv_bytes(start, Int32(count)), "cannot draw random bytes")
            return count
        }
    }
}
