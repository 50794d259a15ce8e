package import Ceremony
package import CryptoPrimitives
package import Evidence

/// One host of an air gap, as its site has it.
package struct SiteGap: GapPort {
    /// Has a person compare the words of a head with those that the other host showed.
    package typealias Confirming = @Sendable (_ words: [String], _ handover: Handover) async throws -> Bool

    package let side: Side
    private let key: HostKey
    private let sealing: SealingFolder
    private let memory: CarriedMemory
    private let confirming: Confirming

    /// - Parameters:
    ///   - memory: The folder of this host's memory.
    ///   - lend: Lends ssh-keygen the terminal, which a key with a passphrase needs.
    ///   - confirming: Who compares the words.
    package init(
        _ setting: GapSetting, memory: String, lend: @escaping SSHKeySigner.Lending = { try await $0() },
        confirming: @escaping Confirming
    ) {
        side = setting.side
        key = HostKey(setting, lend: lend)
        sealing = SealingFolder(memory: memory)
        self.memory = CarriedMemory(folder: memory)
        self.confirming = confirming
    }

    package func publicKey() throws -> String { try key.publicKey() }

    package func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try await key.sign(message, namespace: namespace)
    }

    package func confirm(_ words: [String], of handover: Handover) async throws -> Bool {
        try await confirming(words, handover)
    }

    package func open(_ sealed: [UInt8], certificate: SHA256Digest) throws -> [UInt8] {
        try requireConnected()
        return try sealing.open(sealed, certificate: certificate)
    }

    package func hasSealingKey(_ certificate: SHA256Digest) throws -> Bool { try sealing.has(certificate) }

    package func hasDestroyedSealingKey(_ certificate: SHA256Digest) throws -> Bool {
        try sealing.hasDestroyed(certificate)
    }

    package func destroySealingKey(_ certificate: SHA256Digest) throws {
        try requireConnected()
        try sealing.destroy(certificate)
    }

    package func recall(_ ceremony: String) throws -> CarriedFolder? { try memory.recall(ceremony) }

    package func remember(_ folder: CarriedFolder) throws { try memory.remember(folder) }

    private func requireConnected() throws {
        guard side == .connected else {
            throw CeremonyError(
                .state, "This is the HSM host of an air gap: sealing keys are the other host's",
                remedy: "Carry the folder there, and run there")
        }
    }
}
