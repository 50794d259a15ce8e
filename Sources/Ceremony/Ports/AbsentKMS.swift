package import Evidence

/// The KMS of the HSM's host of an air gap: none. Nothing of a ceremony leads here; what does is refused.
package struct AbsentKMS: KMSPort {
    package init() {}

    private func absent(_ what: String) -> CeremonyError {
        CeremonyError(
            .state, "This host has no network, and was asked to \(what)",
            remedy: "Carry the folder to the connected host. If keyrite run did this, report it: it is Keyrite's fault")
    }

    package var settlesWithin: Int { 0 }

    package func callerIdentity() async throws -> CallerIdentity { throw absent("say who calls AWS") }
    package func describe(_ key: String) async throws -> KMSKey { throw absent("look at a KMS key") }
    package func materials(of key: String) async throws -> [KMSMaterial] { throw absent("look at key materials") }
    package func policy(of key: String) async throws -> PolicyText { throw absent("read a key policy") }

    package func importParameters(
        of key: String, algorithm: WrappingAlgorithm, keySpec: String
    ) async throws -> ImportParameters { throw absent("fetch a wrapping key") }

    package func importMaterial(_ request: ImportRequest) async throws -> ImportAnswer { throw absent("import") }
    package func rotate(_ key: String) async throws -> String? { throw absent("rotate a key") }

    package func deleteMaterial(_ material: String, of key: String) async throws -> DeletionAnswer {
        throw absent("delete key material")
    }

    package func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8] {
        throw absent("encrypt in KMS")
    }

    package func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted {
        throw absent("decrypt in KMS")
    }

    package func authenticate(_ message: [UInt8], with key: String, of keySpec: KeySpec) async throws -> [UInt8] {
        throw absent("take a code in KMS")
    }

    package func publicKey(of key: String) async throws -> [UInt8] { throw absent("read a public key of KMS") }
    package func target(of alias: String) async throws -> String? { throw absent("look at an alias") }
    package func settings(of key: String) async throws -> KeySettings { throw absent("read a KMS key's settings") }
    package func grants(of key: String) async throws -> [PlanGrant] { throw absent("read a KMS key's grants") }
    package func keys(tagged tag: KeyTag) async throws -> TaggedKeys { throw absent("look for KMS keys") }

    package func createKey(_ settings: KeySettings, keySpec: KeySpec, usage: KeyUsage) async throws -> CreateAnswer {
        throw absent("create a KMS key")
    }

    package func createAlias(_ alias: String, for key: String) async throws -> String { throw absent("make an alias") }
    package func updateAlias(_ alias: String, to key: String) async throws -> String { throw absent("move an alias") }
}
