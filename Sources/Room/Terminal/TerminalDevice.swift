import Ceremony
import CryptoPrimitives
import Dispatch
import Foundation
import Glibc
import Synchronization

/// A real terminal, in its attended mode from when it is opened until it is closed: nothing is echoed, every key counts
/// at once, and Ctrl-C, SIGTERM, SIGHUP and a change of size are events.
package final class TerminalDevice: TerminalPort {
    private struct State {
        var interrupted = false
        var resized = false
        /// The size when it was last looked at.
        var size: TerminalSize?
        var ended: Int32?
        var onInterrupt: (@Sendable () -> Void)?
    }

    package let isPlain: Bool
    private let input: Int32
    private let output: Int32
    private let modes: TerminalModes
    private let wake: WakePipe
    private let signals: TerminalSignals
    private let state = Mutex(State())
    private let reader = DispatchQueue(label: "keyrite.terminal")

    /// Takes the terminal on standard input, and standard error to write to.
    ///
    /// - Parameters:
    ///   - environment: Where `TERM` and `NO_COLOR` (no-color.org) are looked up.
    ///   - remedy: What to do where there is none.
    /// - Throws: `CeremonyError` when standard input is no terminal.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        otherwise remedy: String = "Run it again in person, at a terminal"
    ) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CeremonyError(.invalidInput, "There is no terminal to ask at", remedy: remedy)
        }
        input = STDIN_FILENO
        output = STDERR_FILENO
        isPlain = Self.isPlain(environment)
        wake = try WakePipe()
        modes = try TerminalModes(of: input)
        signals = TerminalSignals()
        try modes.enter()
        state.withLock { $0.size = size }
        signals.begin { [weak self] in self?.received($0) }
    }

    deinit { close() }

    /// Gives the terminal back as it was found. Harmless when it is closed already.
    package func close() {
        signals.end()
        modes.restore()
    }

    /// Whether it is gone, or the program was told to end.
    package var hasEnded: Bool { state.withLock { $0.ended != nil } }

    /// Whether somebody pressed Ctrl-C, and nobody was told of it yet.
    package var isInterrupted: Bool { state.withLock { $0.interrupted } }

    /// Lends the terminal, as it was found but for the echo, to a program that people use there by itself. Signals stay events
    /// here.
    package func lend<R: Sendable>(_ use: @Sendable () async throws -> R) async throws -> R {
        modes.lend()
        let result: Result<R, any Error>
        do { result = .success(try await use()) } catch { result = .failure(error) }
        try modes.enter()
        discardTyped()
        return try result.get()
    }

    package func onInterrupt(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onInterrupt = action }
    }

    package var size: TerminalSize {
        var size = winsize()
        for descriptor in [output, input] {
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
                return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
            }
        }
        return .usual
    }

    package func write(_ text: String) {
        let bytes = Array(text.utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // The terminal is gone: reading says so, and that is where it is acted upon.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    package func discardTyped() {
        tcflush(input, TCIFLUSH)
    }

    package func next() async -> TerminalEvent {
        await withCheckedContinuation { continuation in
            // On a thread that may block.
            reader.async {
                while true {
                    if let event = self.event(within: -1) { return continuation.resume(returning: event) }
                }
            }
        }
    }

    package func pending() -> TerminalEvent? { event(within: 0) }

    package func readSecret(limit: Int) async throws -> SecretEntry {
        try await withCheckedThrowingContinuation { continuation in
            reader.async { continuation.resume(with: Result { try self.typeSecret(limit: limit) }) }
        }
    }

    /// Whether standard error is to be written on line by line: it is no terminal, one that knows nothing else, or people
    /// want it so.
    ///
    /// - Parameter environment: Where `TERM` and `NO_COLOR` (no-color.org) are looked up.
    package static func isPlain(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
        let kind = environment["TERM"] ?? ""
        return isatty(STDERR_FILENO) != 1 || kind.isEmpty || kind == "dumb" || environment["NO_COLOR"]?.isEmpty == false
    }

    private func received(_ signal: Int32) {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            switch signal {
            case SIGINT:
                state.interrupted = true
                return state.onInterrupt
            case SIGWINCH: state.resized = true
            default: state.ended = state.ended ?? signal
            }
            return nil
        }
        action?()
        wake.wake()
    }

    private func takeSignal() -> TerminalEvent? {
        state.withLock { state in
            if let signal = state.ended { return .ended(signal) }
            if state.interrupted {
                state.interrupted = false
                return .interrupted
            }
            guard state.resized else { return nil }
            state.resized = false
            state.size = size
            return .resized
        }
    }

    /// - Parameter milliseconds: How long to wait for one; below 0 for ever.
    private func event(within milliseconds: Int32) -> TerminalEvent? {
        while true {
            if let event = takeSignal() { return event }
            guard let readable = waitForInput(milliseconds < 0 ? Self.glance : milliseconds) else { continue }
            guard readable else {
                if milliseconds >= 0 { return nil }
                lookAtSize()
                continue
            }
            var byte: UInt8 = 0
            if read(into: &byte) { return .byte(byte) }
        }
    }

    /// How often somebody who waits looks at the size, in milliseconds.
    private static let glance: Int32 = 500

    /// A signal that comes while others are on their way can be lost; the size itself cannot.
    private func lookAtSize() {
        let now = size
        state.withLock { state in
            if let before = state.size, before != now { state.resized = true }
            state.size = now
        }
    }

    /// - Returns: Whether there is input; false when time is over, nil when a signal or nothing came of it.
    private func waitForInput(_ milliseconds: Int32) -> Bool? {
        var watched = [
            pollfd(fd: input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.reading, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&watched, nfds_t(watched.count), milliseconds)
        guard count >= 0 else {
            if errno != EINTR { end() }
            return nil
        }
        guard count > 0 else { return false }
        guard watched[1].revents == 0 else {
            wake.drain()
            return nil
        }
        return true
    }

    /// Reads one byte; a terminal that has none to give is gone.
    private func read(into byte: UnsafeMutableRawPointer) -> Bool {
        let count = Glibc.read(input, byte, 1)
        if count < 1, count == 0 || (errno != EINTR && errno != EAGAIN) { end() }
        return count == 1
    }

    private func end() {
        state.withLock { $0.ended = $0.ended ?? SIGHUP }
    }

    private func typeSecret(limit: Int) throws -> SecretEntry {
        var other: TerminalEvent?
        var typing = SecretTyping(limit: limit)
        let secret = try SecretBytes(capacity: limit + 1) { buffer in
            while true {
                let event = takeSignal()
                if let event, event != .resized {
                    other = event
                    return 0
                }
                guard waitForInput(-1) == true, let place = buffer.baseAddress?.advanced(by: typing.count),
                    read(into: place)
                else { continue }
                switch typing.took(in: buffer) {
                case .more: continue
                case .done: return typing.count
                case .control(let byte):
                    other = .byte(byte)
                    return 0
                }
            }
        }
        if let other { return .event(other) }
        if typing.isTooLong { return .tooLong }
        return secret.count == 0 ? .nothing : .secret(secret)
    }
}
