import CryptoPrimitives
import Evidence

/// What one host of an air gap has for itself, with a checkpoint around each signature and each thing that it keeps.
struct CheckedGap: GapPort {
    let inner: any GapPort
    let checkpoint: any CheckpointPort

    var side: Side { inner.side }

    func publicKey() throws -> String { try inner.publicKey() }

    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try await checkpoint.around("gap.sign") { try await inner.sign(message, namespace: namespace) }
    }

    func confirm(_ words: [String], of handover: Handover) async throws -> Bool {
        try await checkpoint.around("gap.confirm") { try await inner.confirm(words, of: handover) }
    }

    func open(_ sealed: [UInt8], certificate: SHA256Digest) throws -> [UInt8] {
        try inner.open(sealed, certificate: certificate)
    }

    func hasSealingKey(_ certificate: SHA256Digest) throws -> Bool { try inner.hasSealingKey(certificate) }

    func hasDestroyedSealingKey(_ certificate: SHA256Digest) throws -> Bool {
        try inner.hasDestroyedSealingKey(certificate)
    }

    func destroySealingKey(_ certificate: SHA256Digest) throws {
        try checkpoint.around("gap.destroySealingKey") { try inner.destroySealingKey(certificate) }
    }

    func recall(_ ceremony: String) throws -> CarriedFolder? { try inner.recall(ceremony) }

    func remember(_ folder: CarriedFolder) throws {
        try checkpoint.around("gap.remember") { try inner.remember(folder) }
    }
}
