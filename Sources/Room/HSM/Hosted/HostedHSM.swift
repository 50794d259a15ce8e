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

    private let start: @Sendable () throws -> HSMHostProcess
    private let pin: @Sendable (TokenInfo) throws -> SecretBytes?
    private var host: HSMHostProcess?

    /// - Parameters:
    ///   - module: The absolute path of the PKCS#11 library.
    ///   - parameters: What it wants to be told when it is loaded, if anything.
    ///   - environment: What the child has in its environment beside what this process has.
    ///   - token: The one token that holds the ceremony's keys.
    ///   - program: The keyrite program, which also is the child's.
    ///   - pin: Where the user's PIN comes from, asked in this process; nil for a token that takes it at its own keypad.
    package init(
        module: String, parameters: String? = nil, environment: [String: String] = [:], token: PKCS11URI,
        program: String = CurrentProgram.path, pin: @escaping @Sendable (TokenInfo) throws -> SecretBytes?
    ) {
        let hosting = HSMHosting(module: module, parameters: parameters, token: token.description)
        start = {
            try HSMHostProcess(
                program: program, hosting: hosting,
                environment: CurrentProgram.environmentWithoutAWS().merging(environment) { _, given in given })
        }
        self.pin = pin
    }

    /// The child's process, while there is one.
    package var processIdentifier: Int32? { host?.processIdentifier }

    package func identity() throws -> TokenIdentity { try ask(.identity) }

    package func leave() throws {
        // Who was never there, or is gone, is logged in nowhere.
        guard host != nil else { return }
        let _: HSMCall.Done = try ask(.leave)
    }

    package func selfTest(_ profiles: [KeyProfile]) throws -> SelfTestReport { try ask(.selfTest(profiles)) }

    package func way(for keySpec: KeySpec) throws -> WrappingWay { try ask(.way(keySpec)) }

    package func find(label: String, id: String) throws -> [HSMKey] { try ask(.find(label: label, id: id)) }

    package func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) throws -> HSMKey {
        try ask(.generate(label: label, id: id, keySpec: keySpec, attributes: attributes))
    }

    package func encrypt(blocks: [UInt8], label: String, id: String) throws -> [UInt8] {
        let answer: Octets = try ask(.encrypt(Octets(blocks), label: label, id: id))
        return answer.bytes
    }

    package func authenticate(_ message: [UInt8], label: String, id: String, of keySpec: KeySpec) throws -> [UInt8] {
        let answer: Octets = try ask(.authenticate(Octets(message), label: label, id: id, keySpec: keySpec))
        return answer.bytes
    }

    package func wrap(_ requests: [HSMWrapRequest]) throws -> [[UInt8]] {
        // One after another, since a thousand blobs outgrow a frame; by one child, whose death ends it.
        try requests.flatMap { request in
            let answer: [Octets] = try ask(HSMCall(request))
            return answer.map(\.bytes)
        }
    }

    package func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) throws -> HSMKey {
        try ask(.removeCheckUsage(label: label, id: id, keySpec: keySpec))
    }

    package func requireTrusted(label: String, wrappingKey: RSAPublicKey) throws {
        let _: HSMCall.Done = try ask(.requireTrusted(label: label, wrappingKey: Octets(wrappingKey.spki)))
    }

    package func lock(label: String, id: String, of keySpec: KeySpec) throws -> HSMKey {
        try ask(.lock(label: label, id: id, keySpec: keySpec))
    }

    package func destroy(label: String, id: String) throws {
        let _: HSMCall.Done = try ask(.destroy(label: label, id: id))
    }

    /// Blocks this actor's own queue until there is an answer, so that calls come one after another.
    private func ask<Answer: Decodable>(_ call: HSMCall) throws -> Answer {
        let host = try host ?? start()
        self.host = host
        do {
            return try Answer(frame: try host.answer(to: call, pin: pin))
        } catch let error as FrameError {
            self.host = nil
            throw CeremonyError(
                .state,
                "The process that holds the HSM's module did not answer \(call.name): \(host.end(after: error)). "
                    + "Whether that had its effect is not known",
                remedy: "Run again: it looks first at what did happen")
        }
    }
}
