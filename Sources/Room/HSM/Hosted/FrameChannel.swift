import CryptoPrimitives
import Disk
import Glibc

/// What a frame between a ceremony and the host of its HSM's module carries.
package enum FrameKind: UInt8, Sendable {
    /// To the host, once and first: which token of which module.
    case begin = 1
    /// From the host: it may be called.
    case ready = 2
    /// To the host, and what comes back of it.
    case call = 3
    case answer = 4
    case failure = 5
    /// From the host, within a call: the PIN of this token is needed. One of the next three is the answer.
    case pinWanted = 6
    case pin = 7
    case pinAtDevice = 8
    case pinWithheld = 9
    /// To the host, before either of the first two: the PIN may be tried although a wrong one locks the token.
    case lockRisked = 10
}

/// What is wrong with the other side of a channel.
package enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is gone.
    case ended
    /// It sent nothing for as long as is waited.
    case silent
    case malformed(String)
    /// What was to be sent has more bytes than a frame, and was not.
    case tooLarge(Int)

    package var description: String {
        switch self {
        case .ended: "the other side has ended"
        case .silent: "the other side does not answer"
        case .malformed(let why): why
        case .tooLarge(let count): "\(count) bytes are more than a frame has"
        }
    }
}

/// Frames over one end of a socket pair, for one thread at a time, which waits for them.
///
/// A frame is a length of four bytes, big-endian, a kind of one byte, and as many bytes as the length says. Nothing is
/// read ahead, so that a PIN goes from the kernel into locked memory.
package final class FrameChannel: Sendable {
    /// The most bytes that a frame carries.
    package static let limit = 1 << 20
    /// The most bytes that a PIN has.
    package static let secretLimit = 1024

    private static let headerSize = 5

    private let descriptor: Int32

    /// - Parameter descriptor: A connected stream socket, which is the channel's own from here on.
    package init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Makes a pair of connected ends that no program inherits.
    ///
    /// - Returns: One end, and the other as a descriptor for the caller to pass on and close.
    package static func pair() throws -> (FrameChannel, Int32) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw DiskError("make", "a socket pair") }
        return (FrameChannel(owning: ends[0]), ends[1])
    }

    /// How long a frame is waited for, in seconds; 0 is for ever.
    ///
    /// - Throws: `DiskError`.
    package func wait(seconds: Int) throws {
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size) == 0 else {
            throw DiskError("set a time limit for", "a socket")
        }
    }

    /// Waits until the other side is gone, on a thread of its own, whatever there is to receive.
    func waitForEnd() {
        // That it is gone is told unasked (POLLHUP).
        var end = pollfd(fd: descriptor, events: 0, revents: 0)
        while poll(&end, 1, -1) < 0, errno == EINTR {}
    }

    // MARK: Sending

    /// - Throws: `FrameError`.
    package func send(_ kind: FrameKind, _ bytes: [UInt8] = []) throws {
        guard bytes.count <= Self.limit else { throw FrameError.tooLarge(bytes.count) }
        try bytes.withUnsafeBytes { try send(kind, $0) }
    }

    /// Sends what a login is tried with, a PIN straight from locked memory.
    ///
    /// - Throws: `FrameError`.
    package func send(_ entry: PINEntry) throws {
        if let pin = entry.pin, pin.count > Self.secretLimit { throw FrameError.tooLarge(pin.count) }
        if entry.risksLock { try send(.lockRisked) }
        guard let pin = entry.pin else { return try send(.pinAtDevice) }
        try pin.withUnsafeBytes { try send(.pin, $0) }
    }

    private func send(_ kind: FrameKind, _ bytes: UnsafeRawBufferPointer) throws {
        let length = UInt32(bytes.count)
        let header = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + [kind.rawValue]
        try header.withUnsafeBytes(sendAll)
        try sendAll(bytes)
    }

    private func sendAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.send(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FrameError.ended }
            rest = rest.dropFirst(count)
        }
    }

    // MARK: Receiving

    /// - Returns: The next frame, which is no PIN.
    /// - Throws: `FrameError`; also when the other side ended in the middle of a frame.
    package func receive() throws -> (kind: FrameKind, bytes: [UInt8]) {
        let (kind, count) = try header()
        guard kind != .pin else { throw FrameError.malformed("a PIN came unasked") }
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            try fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            initialized = count
        }
        return (kind, bytes)
    }

    /// Takes the answer to `pinWanted`, a PIN straight into locked memory.
    ///
    /// - Throws: `FrameError`; `PINWithheld` when there is none; `CryptoError` when memory cannot be locked.
    package func receivePIN() throws -> PINEntry {
        var (kind, count) = try header()
        let risksLock = kind == .lockRisked && count == 0
        if risksLock { (kind, count) = try header() }
        switch (kind, count) {
        case (.pin, ...Self.secretLimit):
            let pin = try SecretBytes(capacity: count) { buffer in
                try fill(buffer)
                return count
            }
            return PINEntry(pin, risksLock: risksLock)
        case (.pinAtDevice, 0): return PINEntry(nil, risksLock: risksLock)
        case (.pinWithheld, 0): throw PINWithheld()
        default: throw FrameError.malformed("a frame of kind \(kind) and \(count) bytes came where a PIN was awaited")
        }
    }

    private func header() throws -> (kind: FrameKind, count: Int) {
        var header = [UInt8](repeating: 0, count: Self.headerSize)
        try header.withUnsafeMutableBytes(fill)
        let count = header.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard count <= Self.limit else { throw FrameError.malformed("a frame of \(count) bytes is too large") }
        guard let kind = FrameKind(rawValue: header[4]) else {
            throw FrameError.malformed("a frame of kind \(header[4]) is not known")
        }
        return (kind, count)
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws {
        var filled = 0
        while filled < buffer.count {
            let count = recv(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { throw FrameError.silent }
            guard count > 0 else { throw FrameError.ended }
            filled += count
        }
    }
}

/// Whoever was asked for a PIN gave none.
package struct PINWithheld: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String { "no PIN was given, and the token was not asked" }
}
