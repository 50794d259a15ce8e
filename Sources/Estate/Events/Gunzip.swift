import CZlib

/// Unpacks gzip (RFC 1952) piece by piece, in memory that does not grow: what comes out is handed on at once.
///
/// A file may have several members, one after the other, as CloudTrail's and `cat`'s do.
final class Gunzip {
    /// What is wrong with the packed bytes.
    struct Malformed: Error {
        let reason: String
    }

    private var stream = z_stream()
    private var out: [UInt8]
    /// Whether the last member has ended, and nothing of another one was seen.
    private(set) var isWhole = false

    /// - Parameter pieceSize: The most bytes that are handed on at once.
    init(pieceSize: Int = 1 << 18) throws {
        out = [UInt8](repeating: 0, count: pieceSize)
        guard czlib_inflate_gzip_init(&stream) == Z_OK else { throw Malformed(reason: "zlib has no memory to begin") }
    }

    deinit {
        inflateEnd(&stream)
    }

    /// Unpacks some more.
    ///
    /// - Parameter take: Gets what came of it, which is valid only meanwhile.
    /// - Throws: `Malformed`, and what `take` throws.
    func push(_ packed: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let start = packed.bindMemory(to: UInt8.self).baseAddress else { return }
        // zlib reads through a pointer that is not const only for want of a const in old C.
        stream.next_in = UnsafeMutablePointer(mutating: start)
        stream.avail_in = UInt32(packed.count)
        defer { (stream.next_in, stream.avail_in) = (nil, 0) }
        while stream.avail_in > 0 {
            if isWhole { try beginNextMember() }
            try out.withUnsafeMutableBytes { piece in
                // Room that is not filled means that zlib has nothing left to give for what it was given.
                repeat {
                    try inflatePiece(into: piece, take)
                } while stream.avail_out == 0 && !isWhole
            }
        }
    }

    private func inflatePiece(
        into piece: UnsafeMutableRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        stream.next_out = piece.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(piece.count)
        let status = inflate(&stream, Z_NO_FLUSH)
        guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else {
            throw Malformed(reason: "it is no gzip, or damaged (zlib's \(status))")
        }
        isWhole = status == Z_STREAM_END
        let count = piece.count - Int(stream.avail_out)
        if count > 0 { try take(UnsafeRawBufferPointer(rebasing: piece[..<count])) }
    }

    private func beginNextMember() throws {
        guard inflateReset(&stream) == Z_OK else { throw Malformed(reason: "zlib does not begin another member") }
        isWhole = false
    }
}
