import Ceremony
import CryptoPrimitives
import Evidence
import Glibc
import PKCS11

/// A running `keyrite hsm-host`, and the way to it. It ends with this object, and with this process however that ends.
final class HSMHostProcess: Sendable {
    /// How long its start is waited for, in seconds.
    private static let patience = 60

    private let child: ChildProcess
    private let channel: FrameChannel

    var processIdentifier: Int32 { child.processIdentifier }

    /// Starts one and waits until it may be called. It loads the module at the first call.
    ///
    /// - Parameters:
    ///   - program: The keyrite program.
    ///   - environment: The child's whole environment.
    /// - Throws: `CeremonyError` when it does not come to that.
    init(program: String, hosting: HSMHosting, environment: [String: String]) throws {
        let (channel, theirs) = try FrameChannel.pair()
        self.channel = channel
        do {
            defer { close(theirs) }
            child = try ChildProcess.spawnBlocking(
                [program, "hsm-host"], environment: environment, output: "/dev/null", passing: theirs)
        }
        do {
            channel.wait(seconds: Self.patience)
            try channel.send(.begin, json: hosting)
            guard try channel.receive().kind == .ready else { throw FrameError.malformed("it does not begin") }
            channel.wait(seconds: 0)
        } catch let error as FrameError {
            child.kill()
            throw CeremonyError(
                .environment,
                "The process for the module \(PercentEncoding.encode(hosting.module)) did not start: "
                    + Self.reason(error, child),
                remedy: "Nothing was asked of the HSM. See that \(program) is the keyrite program")
        }
    }

    deinit { child.kill() }

    /// Makes a call and waits for what comes of it.
    ///
    /// - Parameter pin: Is asked at most once, in this process.
    /// - Throws: The error of the other side, or of `pin`, as it was; `FrameError` when there is no answer.
    func answer(to call: HSMCall, pin: (TokenInfo) throws -> SecretBytes?) throws -> [UInt8] {
        try channel.send(.call, json: call)
        var next = try channel.receive()
        var withheld: (any Error)?
        if next.kind == .pinWanted {
            withheld = try give(pin, of: try HostedTokenInfo(frame: next.bytes).info())
            next = try channel.receive()
        }
        switch next.kind {
        case .answer where withheld == nil: return next.bytes
        case .failure:
            let failure = try HostedFailure(frame: next.bytes)
            throw withheld ?? failure.error
        default: throw FrameError.malformed("a frame of kind \(next.kind) is no answer")
        }
    }

    /// - Returns: Why there is no PIN.
    private func give(_ pin: (TokenInfo) throws -> SecretBytes?, of token: TokenInfo) throws -> (any Error)? {
        let given: SecretBytes?
        do { given = try pin(token) } catch {
            try channel.send(.pinWithheld)
            return error
        }
        guard let given else {
            try channel.send(.pinAtDevice)
            return nil
        }
        try channel.send(pin: given)
        return nil
    }

    /// Ends it after a call without an answer.
    ///
    /// - Returns: What happened to it, as the end of a sentence about it.
    func end(after error: FrameError) -> String {
        child.kill()
        return Self.reason(error, child)
    }

    private static func reason(_ error: FrameError, _ child: ChildProcess) -> String {
        switch error {
        case .ended: child.ending.map { "it \($0)" } ?? "it ended"
        case .silent, .malformed, .tooLarge: "it was killed, since \(error)"
        }
    }
}
