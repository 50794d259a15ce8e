import Ceremony
import CryptoPrimitives
import Evidence
import Glibc
import PKCS11
import Processes

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
            try channel.wait(seconds: Self.patience)
            try channel.send(.begin, json: hosting)
            guard try channel.receive().kind == .ready else { throw FrameError.malformed("it does not begin") }
            try channel.wait(seconds: 0)
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

    /// What comes back of a call.
    enum Reply {
        case answer([UInt8])
        /// The error of the other side, as it was.
        case failure(any Error)
        /// The call goes on with the PIN of this token, and until then no other begins.
        case pinWanted(TokenInfo)
    }

    /// Makes a call and waits for what comes of it.
    ///
    /// - Throws: `FrameError` when nothing does.
    func begin(_ call: HSMCall) throws -> Reply {
        try channel.send(.call, json: call)
        return try reply()
    }

    /// Goes on with the call that wants a PIN.
    ///
    /// - Parameter entry: nil when there is none: then it is no answer that comes.
    /// - Throws: As `begin`.
    func goOn(with entry: PINEntry?) throws -> Reply {
        if let entry { try channel.send(entry) } else { try channel.send(.pinWithheld) }
        switch try reply() {
        case .pinWanted: throw FrameError.malformed("it asks twice for a PIN")
        case .answer where entry == nil: throw FrameError.malformed("it answers without the PIN that it wanted")
        case let reply: return reply
        }
    }

    private func reply() throws -> Reply {
        let (kind, bytes) = try channel.receive()
        switch kind {
        case .answer: return .answer(bytes)
        case .failure: return .failure(try HostedFailure(frame: bytes).error)
        case .pinWanted: return .pinWanted(try HostedTokenInfo(frame: bytes).info())
        default: throw FrameError.malformed("a frame of kind \(kind) is no answer")
        }
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
