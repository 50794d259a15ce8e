import AWS
import CryptoPrimitives
import KMSEmulator
import Testing

/// The two that meet in a rehearsal: Keyrite's own client and its emulator.
@Suite("Keyrite's client")
struct KeyriteClientTests {
    @Test("rotates a seeded key at the emulator, and sees AWS's refusals by their names")
    func rotation() async throws {
        try await RunningEmulator.with { listening in
            var configuration = AWSClient.Configuration(
                credentials: try RunningEmulator.configuration().credentials, region: try Region(listening.region),
                endpoint: try Endpoint(listening.endpoint))
            // Client and emulator share this process with every other test.
            configuration.attemptTimeout = 240
            let kms = try KMSClient(configuration)
            let identity = try await STSClient(configuration).getCallerIdentity()
            #expect(identity.output.account == listening.account)

            let key = try await kms.createKey(.init(origin: .external)).output.keyMetadata.keyID
            let first = try await importMaterial(into: key, through: kms)
            let old = try await kms.encrypt(.init(keyID: key, plaintext: Blob("x".utf8))).output.ciphertextBlob
            let second = try await importMaterial(into: key, through: kms, as: .newKeyMaterial)
            let answer = try await kms.rotateKeyOnDemand(.init(keyID: key))
            #expect(answer.requestID != nil)
            #expect(answer.serverDate != nil)
            #expect(answer.tlsLeafSHA256 == nil)
            #expect(try await kms.decrypt(.init(ciphertextBlob: old)).output.keyMaterialID == first)
            #expect(try await kms.describeKey(.init(keyID: key)).output.keyMetadata.currentKeyMaterialID == second)

            let refusal = await #expect(throws: AWSError.self) {
                _ = try await kms.rotateKeyOnDemand(.init(keyID: key))
            }
            #expect(refusal?.code == .kmsInvalidState)
        }
    }

    private func importMaterial(
        into key: String, through kms: KMSClient, as type: ImportType? = nil
    ) async throws -> String? {
        let parameters = try await kms.getParametersForImport(
            .init(keyID: key, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: .rsa2048)
        ).output
        let wrapped = try RSAPublicKey(spki: parameters.publicKey.bytes).encryptOAEP(.random(count: 32), hash: .sha256)
        return try await kms.importKeyMaterial(
            .init(
                keyID: key, importToken: parameters.importToken, encryptedKeyMaterial: Blob(wrapped),
                expirationModel: .keyMaterialDoesNotExpire, importType: type)
        ).output.keyMaterialID
    }
}
