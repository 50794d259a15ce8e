import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11
import Room
import Testing

/// A module that is honest about throwaway keys and lies about those that are kept.
@Suite("Tokens that pass the self-test and lie afterwards", .timeLimit(.minutes(60)))
struct LaterLiesTests {
    private static let label = "keyrite/1/payments"
    private static let id = "0123456789abcdef"

    /// Lends a site whose token passed the self-test and made a key.
    private func withKey(
        _ lie: String, _ body: (HostileSite, HSMKey) async throws -> Void
    ) async throws {
        try await HostileSite.with(lie) { site in
            #expect(try await site.hsm.selfTest([.symmetric]).held == SelfTested.required(for: [.symmetric]))
            let key = try await site.hsm.generate(
                label: Self.label, id: Self.id, of: .symmetric, attributes: KeyProfile.symmetric.attributes)
            try await body(site, key)
        }
    }

    @Test(
        "a key that is not what the template says differs by name",
        arguments: [
            ("makes-readable-keys", ["CKA_SENSITIVE false for true", "CKA_ALWAYS_SENSITIVE false for true"]),
            ("makes-unextractable-keys", ["CKA_EXTRACTABLE false for true"]),
            ("makes-wrapping-keys", ["CKA_WRAP true for false"]),
            ("makes-short-keys", ["CKA_VALUE_LEN 16 for 32"]),
            ("imports-instead", ["CKA_LOCAL false for true", "CKA_ALWAYS_SENSITIVE false for true"]),
        ])
    func otherKey(lie: String, differences: [String]) async throws {
        try await withKey(lie + "/kept") { _, key in
            #expect(KeyAttributes.differences(key.attributes, KeyAttributes.template(of: .symmetric)) == differences)
        }
    }

    @Test("a key that is doubled between one look and the next is used no more")
    func doubled() async throws {
        try await withKey("doubles-keys") { site, _ in
            let block = [UInt8](repeating: 7, count: 16)
            let request = HSMWrapRequest(
                label: Self.label, id: Self.id, way: .direct, wrappingKey: try RSAPrivateKey(bits: 2048).publicKey)
            _ = try await site.hsm.encrypt(blocks: block, label: Self.label, id: Self.id)
            #expect(try await site.hsm.find(label: Self.label, id: Self.id).count == 2)
            let uses: [() async throws -> Void] = [
                { _ = try await site.hsm.encrypt(blocks: block, label: Self.label, id: Self.id) },
                { _ = try await site.hsm.wrap([request]) },
                { _ = try await site.hsm.removeCheckUsage(label: Self.label, id: Self.id, of: .symmetric) },
            ]
            for use in uses {
                let error = await #expect(throws: CeremonyError.self) { try await use() }
                #expect(
                    error
                        == CeremonyError(
                            .state, "The token has 2 keys labelled \(Self.label), not one",
                            remedy: "Find out what happened to it before going on"))
            }
        }
    }

    @Test("a blob that was returned before is refused, in one step and in a later one", arguments: [true, false])
    func repeatedBlob(oneStep: Bool) async throws {
        try await withKey("repeats-blobs/kept") { site, _ in
            let requests = try (0..<2).map { _ in
                HSMWrapRequest(
                    label: Self.label, id: Self.id, way: .direct,
                    wrappingKey: try RSAPrivateKey(bits: 2048).publicKey)
            }
            if !oneStep { #expect(try await site.hsm.wrap([requests[0]]).count == 1) }
            let error = await #expect(throws: CeremonyError.self) {
                try await site.hsm.wrap(oneStep ? requests : [requests[1]])
            }
            #expect(
                error
                    == CeremonyError(
                        .state, "The token answered a wrap with the blob of an earlier one",
                        remedy: "None of this step's blobs may be used. Have the token examined"))
        }
    }

    @Test("a session that is lost in the wrap is an error of the wrap, and the next call logs in anew")
    func lostSession() async throws {
        try await withKey("loses-session/kept") { site, key in
            let request = HSMWrapRequest(
                label: Self.label, id: Self.id, way: .direct, wrappingKey: try RSAPrivateKey(bits: 2048).publicKey)
            let error = await #expect(throws: PKCS11Error.self) { try await site.hsm.wrap([request]) }
            #expect(error?.function == "C_WrapKey")
            #expect(error?.cause == .returned(ReturnValue(rawValue: 0xB3)))
            await #expect(throws: PKCS11Error.self) { try await site.hsm.leave() }
            #expect(try await site.hsm.find(label: Self.label, id: Self.id) == [key])
        }
    }
}
