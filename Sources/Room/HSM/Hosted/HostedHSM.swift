package import Ceremony
package import CryptoPrimitives
package import Evidence
package import PKCS11

/// The ceremony's HSM, whose PKCS#11 module a child process holds: this process never has key material in its memory,
/// whatever mechanism the module is asked for.
///
/// The child is started by the first call. When it dies, the call that finds out throws, and the next starts another.
package final actor HostedHSM: HSMPort {
    private nonisolated let executor = SerialQueueExecutor(label: "keyrite.hsm.hosted")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let start: @Sendable (HSMHosting) throws -> HSMHostProcess
    /// What every child is to hold, once it is known by its digest and its serial.
    private var hosting: HSMHosting
    private let pin: PINSource
    private var host: HSMHostProcess?
    /// The module that the present child loads, or none.
    private var held: SHA256Digest?
    /// Whether a call has the host to itself, also while its PIN is asked for; whoever else calls waits for its turn.
    private var isCalled = false
    private var callers: [CheckedContinuation<Void, Never>] = []
    /// Whether the present call waits for a PIN.
    private var isAsking = false

    /// - Parameters:
    ///   - module: The absolute path of the PKCS#11 library.
    ///   - parameters: What it wants to be told when it is loaded, if anything.
    ///   - environment: What the child has in its environment beside what this process has.
    ///   - token: The one token that holds the ceremony's keys.
    ///   - program: The keyrite program, which also is the child's.
    ///   - pin: Where the user's PIN comes from, asked in this process. Until it is there, nobody is logged in, and `leave`
    ///     leaves it so.
    package init(
        module: String, parameters: String? = nil, environment: [String: String] = [:], token: PKCS11URI,
        program: String = CurrentProgram.path, pin: @escaping PINSource
    ) {
        hosting = HSMHosting(module: module, parameters: parameters, token: token.description)
        start = { hosting in
            try HSMHostProcess(
                program: program, hosting: hosting,
                environment: CurrentProgram.environmentWithoutAWS().merging(environment) { _, given in given })
        }
        self.pin = pin
    }

    /// The child's process, while there is one.
    package var processIdentifier: Int32? { host?.processIdentifier }

    package func identity() async throws -> TokenIdentity {
        let identity: TokenIdentity = try await ask(.identity)
        hosting.loaded = held
        hosting.identified = identity
        return identity
    }

    /// The SHA-256 of the library that the child has loaded; before that, of what lies at its path.
    package func moduleDigest() throws -> SHA256Digest { try held ?? SHA256Digest(ofFileAt: hosting.module) }

    package func leave() async throws {
        // Who waits for the PIN is logged in nowhere, nor is who was never there, or is gone.
        guard !isAsking else { return }
        await turn()
        defer { done() }
        guard host != nil else { return }
        do { let _: HSMCall.Done = try await exchange(.leave) } catch {
            // With the child ends whatever its module holds of a session that was lost, a login above all.
            host = nil
            throw error
        }
    }

    package func selfTest(_ profiles: [KeyProfile]) async throws -> SelfTestReport {
        try await ask(.selfTest(profiles))
    }

    package func way(for keySpec: KeySpec) async throws -> WrappingWay { try await ask(.way(keySpec)) }

    package func find(label: String, id: String) async throws -> [HSMKey] { try await ask(.find(label: label, id: id)) }

    package func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) async throws -> HSMKey {
        try await ask(.generate(label: label, id: id, keySpec: keySpec, attributes: attributes))
    }

    package func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        let answer: Octets = try await ask(.encrypt(Octets(blocks), label: label, id: id))
        return answer.bytes
    }

    package func authenticate(_ message: [UInt8], label: String, id: String, of keySpec: KeySpec) async throws
        -> [UInt8]
    {
        let answer: Octets = try await ask(.authenticate(Octets(message), label: label, id: id, keySpec: keySpec))
        return answer.bytes
    }

    package func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] {
        // One after another, since a thousand blobs outgrow a frame; by one child, whose death ends it.
        var blobs: [[UInt8]] = []
        for request in requests {
            let answer: [Octets] = try await ask(HSMCall(request))
            blobs += answer.map(\.bytes)
        }
        return blobs
    }

    package func giveCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await ask(.giveCheckUsage(label: label, id: id, keySpec: keySpec))
    }

    package func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await ask(.removeCheckUsage(label: label, id: id, keySpec: keySpec))
    }

    package func requireTrusted(label: String, wrappingKey: RSAPublicKey) async throws {
        let _: HSMCall.Done = try await ask(.requireTrusted(label: label, wrappingKey: Octets(wrappingKey.spki)))
    }

    package func lock(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await ask(.lock(label: label, id: id, keySpec: keySpec))
    }

    package func destroy(label: String, id: String) async throws {
        let _: HSMCall.Done = try await ask(.destroy(label: label, id: id))
    }

    private func ask<Answer: Decodable>(_ call: HSMCall) async throws -> Answer {
        await turn()
        defer { done() }
        return try await exchange(call)
    }

    /// Blocks this actor's own queue until there is an answer, but while the PIN is asked for.
    private func exchange<Answer: Decodable>(_ call: HSMCall) async throws -> Answer {
        let host = try host ?? begin()
        do {
            return try Answer(frame: try await answer(to: call, by: host))
        } catch let error as FrameError {
            self.host = nil
            throw CeremonyError(
                .state,
                "The process that holds the HSM's module did not answer \(call.name): \(host.end(after: error)). "
                    + "Whether that had its effect is not known",
                remedy: "Run again: it looks first at what did happen")
        }
    }

    /// Starts a child, which loads the library that lies there now, or that an earlier one had, and no other.
    private func begin() throws -> HSMHostProcess {
        var hosting = hosting
        // What cannot be read now is not loaded in a moment either: no library is of no bytes.
        hosting.loaded = hosting.loaded ?? (try? SHA256Digest(ofFileAt: hosting.module)) ?? SHA256Digest(of: [])
        let host = try start(hosting)
        (self.host, held) = (host, hosting.loaded)
        return host
    }

    /// Waits until no other call is at work, in the order of the calls.
    private func turn() async {
        guard isCalled else {
            isCalled = true
            return
        }
        await withCheckedContinuation { callers.append($0) }
    }

    /// The next caller has the turn.
    private func done() {
        if callers.isEmpty { isCalled = false } else { callers.removeFirst().resume() }
    }

    private func answer(to call: HSMCall, by host: HSMHostProcess) async throws -> [UInt8] {
        var reply = try host.begin(call)
        if case .pinWanted(let token) = reply {
            let entry = await entry(for: token)
            reply = try host.goOn(with: try? entry.get())
            // Why there is no PIN, rather than what the other side makes of that.
            _ = try entry.get()
        }
        switch reply {
        case .answer(let bytes): return bytes
        case .failure(let error): throw error
        case .pinWanted: throw FrameError.malformed("it asks twice for a PIN")
        }
    }

    private func entry(for token: TokenInfo) async -> Result<PINEntry, any Error> {
        isAsking = true
        defer { isAsking = false }
        do { return .success(try await pin(token)) } catch { return .failure(error) }
    }
}
