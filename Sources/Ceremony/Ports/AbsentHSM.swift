package import CryptoPrimitives
package import Evidence

/// The HSM of the connected host of an air gap: none. Nothing of a ceremony leads here; what does is refused.
package struct AbsentHSM: HSMPort {
    package init() {}

    private func absent(_ what: String) -> CeremonyError {
        CeremonyError(
            .state, "This host has no HSM, and was asked to \(what)",
            remedy: "Carry the folder to the HSM's host. If keyrite run did this, report it: it is Keyrite's fault")
    }

    /// Nobody is logged in.
    package func leave() async throws {}

    package func identity() async throws -> TokenIdentity { throw absent("say which token it has") }
    package func selfTest(_ profiles: [KeyProfile]) async throws -> SelfTestReport { throw absent("test a token") }
    package func way(for keySpec: KeySpec) async throws -> WrappingWay { throw absent("try how a token wraps") }
    package func find(label: String, id: String) async throws -> [HSMKey] { throw absent("look for a key") }

    package func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) async throws -> HSMKey { throw absent("generate a key") }

    package func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        throw absent("encrypt with a key")
    }

    package func authenticate(
        _ message: [UInt8], label: String, id: String, of keySpec: KeySpec
    ) async throws -> [UInt8] { throw absent("take a code with a key") }

    package func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] { throw absent("wrap keys") }

    package func requireTrusted(label: String, wrappingKey: RSAPublicKey) async throws {
        throw absent("look for a trusted wrapping key")
    }

    package func giveCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        throw absent("take a key up")
    }

    package func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        throw absent("settle a key")
    }

    package func lock(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        throw absent("lock a key")
    }

    package func destroy(label: String, id: String) async throws { throw absent("destroy a key") }
}
