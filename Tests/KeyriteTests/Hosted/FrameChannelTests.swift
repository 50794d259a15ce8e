import CryptoPrimitives
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("Frames between a ceremony and the process that holds its module")
struct FrameChannelTests {
    /// A channel, and the bare other end of its socket.
    private final class Ends {
        let channel: FrameChannel
        private var other: Int32

        init() throws { (channel, other) = try FrameChannel.pair() }

        deinit { end() }

        func end() {
            if other >= 0 { close(other) }
            other = -1
        }

        func write(_ bytes: [UInt8]) throws {
            let count = bytes.withUnsafeBytes { Glibc.write(other, $0.baseAddress, $0.count) }
            try #require(count == bytes.count)
        }

        func read(_ count: Int) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            try #require(recv(other, &bytes, count, Int32(MSG_WAITALL)) == count)
            return bytes
        }

        /// The other end as a channel of its own.
        func opened() -> FrameChannel {
            defer { other = -1 }
            return FrameChannel(owning: other)
        }
    }

    @Test("a frame is four bytes of length, big-endian, one of kind, and its bytes")
    func form() throws {
        let ends = try Ends()
        try ends.channel.send(.call, Array("{}".utf8))
        #expect(try ends.read(7) == [0, 0, 0, 2, 3] + Array("{}".utf8))
        try ends.write([0, 0, 0, 1, 4, 0x30, 0, 0, 0, 0, 2])
        var frame = try ends.channel.receive()
        #expect(frame.kind == .answer && frame.bytes == [0x30])
        frame = try ends.channel.receive()
        #expect(frame.kind == .ready && frame.bytes.isEmpty)
    }

    @Test("the largest frame arrives whole, and a larger one is not sent at all")
    func limit() async throws {
        let ends = try Ends()
        let channel = ends.channel
        #expect(throws: FrameError.tooLarge(FrameChannel.limit + 1)) {
            try channel.send(.answer, [UInt8](repeating: 0, count: FrameChannel.limit + 1))
        }
        let other = ends.opened()
        let largest = [UInt8](repeating: 7, count: FrameChannel.limit)
        let sending = Thread { try? other.send(.answer, largest) }
        sending.start()
        let frame = try channel.receive()
        #expect(frame.kind == .answer && frame.bytes == largest)
    }

    @Test(
        "what makes no sense is refused by its first five bytes",
        arguments: [
            ([0, 0x10, 0, 1, 4], "a frame of 1048577 bytes is too large"),
            ([0xFF, 0xFF, 0xFF, 0xFF, 4], "a frame of 4294967295 bytes is too large"),
            ([0, 0, 0, 0, 0], "a frame of kind 0 is not known"),
            ([0, 0, 0, 1, 11, 1], "a frame of kind 11 is not known"),
            ([0, 0, 0, 4, 7, 1, 2, 3, 4], "a PIN came unasked"),
        ] as [([UInt8], String)])
    func malformed(bytes: [UInt8], reason: String) throws {
        let ends = try Ends()
        try ends.write(bytes)
        #expect(throws: FrameError.malformed(reason)) { try ends.channel.receive() }
    }

    @Test(
        "the other side's end is told between frames, in the middle of one, and to who sends", arguments: [0, 3, 5, 8])
    func ended(after count: Int) throws {
        let ends = try Ends()
        try ends.write(Array([0, 0, 0, 4, 4, 1, 2, 3].prefix(count)))
        ends.end()
        #expect(throws: FrameError.ended) { try ends.channel.receive() }
        #expect(throws: FrameError.ended) { try ends.channel.send(.call, [1]) }
    }

    @Test("a PIN goes from locked memory to locked memory")
    func pin() throws {
        let ends = try Ends()
        let (channel, other) = (ends.channel, ends.opened())
        let pin = try TokenSite.secret("correct horse")
        for risksLock in [false, true] {
            try other.send(PINEntry(pin, risksLock: risksLock))
            let typed = try channel.receivePIN()
            #expect(typed.pin?.isEqual(to: pin) == true && typed.risksLock == risksLock)
            try other.send(PINEntry(nil, risksLock: risksLock))
            let entered = try channel.receivePIN()
            #expect(entered.pin == nil && entered.risksLock == risksLock)
        }
        try other.send(.pinWithheld)
        #expect(throws: PINWithheld.self) { try channel.receivePIN() }
        let long = try SecretBytes.random(count: FrameChannel.secretLimit + 1)
        #expect(throws: FrameError.tooLarge(long.count)) { try other.send(PINEntry(long)) }
    }

    @Test(
        "what is no PIN is not taken for one",
        arguments: [
            ([0, 0, 4, 1, 7], "a frame of kind pin and 1025 bytes came where a PIN was awaited"),
            ([0, 0, 0, 0, 3], "a frame of kind call and 0 bytes came where a PIN was awaited"),
            ([0, 0, 0, 0, 10, 0, 0, 0, 0, 10], "a frame of kind lockRisked and 0 bytes came where a PIN was awaited"),
            ([0, 0, 0, 1, 10], "a frame of kind lockRisked and 1 bytes came where a PIN was awaited"),
            ([0, 0, 0, 1, 8], "a frame of kind pinAtDevice and 1 bytes came where a PIN was awaited"),
        ] as [([UInt8], String)])
    func noPIN(bytes: [UInt8], reason: String) throws {
        let ends = try Ends()
        try ends.write(bytes)
        #expect(throws: FrameError.malformed(reason)) { try ends.channel.receivePIN() }
    }
}
