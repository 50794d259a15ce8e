import AWS
import CryptoPrimitives
import Foundation
import KMSEmulator
import Testing

/// A keyring whose clock stands still until a test moves it, and what a ceremony would do to it.
struct TestKeyring {
    /// 2030-01-01T00:00:00Z.
    static let start = Date(timeIntervalSince1970: 1_893_456_000)
    static let day: TimeInterval = 24 * 60 * 60

    let keyring = Keyring(
        account: "111122223333", region: "eu-central-1", wrappingKeys: WrappingKeyPool(ahead: nil),
        clock: { TestKeyring.start })

    func createKey(_ input: CreateKey.Input = CreateKey.Input(origin: .external)) async throws -> String {
        try await keyring.serve(CreateKey.self, input).keyMetadata.keyID
    }

    /// A key with one material, which is current.
    func createKeyWithMaterial() async throws -> (key: String, material: String) {
        let key = try await createKey()
        return (key, try await importMaterial(.random(count: 32), into: key, as: .newKeyMaterial))
    }

    /// A wrapping key and its token.
    func parameters(for key: String) async throws -> GetParametersForImport.Output {
        try await keyring.serve(
            GetParametersForImport.self,
            .init(keyID: key, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: .rsa2048))
    }

    /// Wraps and imports.
    ///
    /// - Parameters:
    ///   - parameters: What to wrap under; new ones by default.
    ///   - lasting: Seconds from now until the material expires; nil for ever.
    /// - Returns: The id that KMS gives the material.
    @discardableResult
    func importMaterial(
        _ material: SecretBytes, into key: String, as type: ImportType? = nil, id: String? = nil,
        description: String? = nil, lasting: TimeInterval? = nil, under parameters: GetParametersForImport.Output? = nil
    ) async throws -> String {
        let fetched: GetParametersForImport.Output
        if let parameters { fetched = parameters } else { fetched = try await self.parameters(for: key) }
        let wrapped = try RSAPublicKey(spki: fetched.publicKey.bytes).encryptOAEP(material, hash: .sha256)
        let now = await keyring.now
        let output = try await keyring.serve(
            ImportKeyMaterial.self,
            .init(
                keyID: key, importToken: fetched.importToken, encryptedKeyMaterial: Blob(wrapped),
                validTo: lasting.map { Timestamp(now.addingTimeInterval($0)) },
                expirationModel: lasting == nil ? .keyMaterialDoesNotExpire : .keyMaterialExpires,
                importType: type, keyMaterialDescription: description, keyMaterialID: id))
        return try #require(output.keyMaterialID)
    }

    func rotate(_ key: String) async throws {
        _ = try await keyring.serve(RotateKeyOnDemand.self, .init(keyID: key))
    }

    func describe(_ key: String) async throws -> KeyMetadata {
        try await keyring.serve(DescribeKey.self, .init(keyID: key)).keyMetadata
    }

    func materials(of key: String, _ include: IncludeKeyMaterial = .allKeyMaterial) async throws -> [RotationsListEntry]
    {
        try await keyring.serve(ListKeyRotations.self, .init(keyID: key, includeKeyMaterial: include)).rotations
    }

    func encrypt(_ text: String, under key: String, context: [String: String]? = nil) async throws -> Blob {
        try await keyring.serve(
            Encrypt.self, .init(keyID: key, plaintext: Blob(text.utf8), encryptionContext: context)
        ).ciphertextBlob
    }

    func decrypt(_ blob: Blob, context: [String: String]? = nil, key: String? = nil) async throws -> Decrypt.Output {
        try await keyring.serve(Decrypt.self, .init(ciphertextBlob: blob, encryptionContext: context, keyID: key))
    }
}

/// Holds that `body` is refused under AWS's name `code`.
func expectRefusal(
    _ code: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("it was not refused; \(code) was due", sourceLocation: sourceLocation)
    } catch let fault as KMSFault {
        #expect(fault.code == code, "\(fault)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("refused by \(error) and not by \(code)", sourceLocation: sourceLocation)
    }
}
