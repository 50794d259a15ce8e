import Ceremony
import CryptoPrimitives
import Foundation
import Glibc
import PKCS11
import Processes

/// The process that holds a PKCS#11 module for a ceremony, so that no key material comes near the ceremony's own.
///
/// It serves the one process that started it, over the socket that it inherited, and ends with it.
package enum HSMHost {
    /// What `keyrite hsm-host` does.
    ///
    /// - Throws: `CeremonyError` when no ceremony started this process; `FrameError` when what it is sent makes no sense.
    package static func run() async throws {
        let socket = Launch.passedDescriptor
        try HostConfinement.enter(socket: socket)
        let channel = FrameChannel(owning: socket)
        // Also in the middle of a call that hangs.
        Thread.detachNewThread {
            channel.waitForEnd()
            _exit(0)
        }
        try await serve(channel)
    }

    /// Answers calls until the other side is gone.
    static func serve(_ channel: FrameChannel) async throws {
        do {
            let hsm = try begin(channel)
            while true {
                let (kind, bytes) = try channel.receive()
                guard kind == .call else { throw FrameError.malformed("a frame of kind \(kind) is no call") }
                try await answer(try HSMCall(frame: bytes), by: hsm, over: channel)
            }
        } catch FrameError.ended {}
    }

    private static func begin(_ channel: FrameChannel) throws -> TokenHSM {
        let (kind, bytes) = try channel.receive()
        guard kind == .begin else { throw FrameError.malformed("a frame of kind \(kind) is no beginning") }
        let hosting = try HSMHosting(frame: bytes)
        let token = try PKCS11URI(parsing: hosting.token)
        let ask: PINSource = { info in
            try channel.send(.pinWanted, json: HostedTokenInfo(info))
            return try channel.receivePIN()
        }
        let hsm = TokenHSM(token: token, pin: ask, identified: hosting.identified) {
            try hosting.requireSameModule()
            return try Module.load(path: hosting.module, parameters: hosting.parameters, expecting: hosting.loaded)
        }
        try channel.send(.ready)
        return hsm
    }

    private static func answer(_ call: HSMCall, by hsm: any HSMPort, over channel: FrameChannel) async throws {
        let answer: any Encodable & Sendable
        do { answer = try await call.answer(by: hsm) } catch let error as FrameError {
            // Of this channel, while it asked for the PIN.
            throw error
        } catch {
            return try channel.send(.failure, json: HostedFailure(error))
        }
        do { try channel.send(.answer, json: answer) } catch FrameError.tooLarge(let count) {
            let error = CeremonyError(
                .state, "The token's answer to \(call.name) has \(count) bytes, which no ceremony's has",
                remedy: "Have the token examined")
            try channel.send(.failure, json: HostedFailure(error))
        }
    }
}
