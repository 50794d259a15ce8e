import AWS
import CryptoPrimitives
import Foundation

/// What one GetParametersForImport handed out, found again by its token.
struct ImportParameters: Sendable {
    /// Token and wrapping key live for 24 hours
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html).
    static let lifetime: TimeInterval = 24 * 60 * 60
    /// An opaque token of about AWS's size.
    static let tokenSize = 512

    let token: Blob
    let keyARN: String
    let wrappingAlgorithm: WrappingAlgorithm
    let wrappingKey: PrivateKey
    let validTo: Date

    /// What was wrapped under this wrapping key.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html>
    ///
    /// - Throws: InvalidCiphertextException unless it was wrapped by the algorithm that was asked for.
    func unwrap(_ wrapped: [UInt8]) throws -> SecretBytes {
        do {
            return switch wrappingAlgorithm {
            case .rsaesOAEPSHA1: try wrappingKey.decryptOAEP(wrapped, hash: .sha1)
            case .rsaAESKeyWrapSHA1: try unwrapInTwoSteps(wrapped, hash: .sha1)
            case .rsaAESKeyWrapSHA256: try unwrapInTwoSteps(wrapped, hash: .sha256)
            default: try wrappingKey.decryptOAEP(wrapped, hash: .sha256)
            }
        } catch {
            throw KMSFault.invalidCiphertext
        }
    }

    /// PKCS #11's CKM_RSA_AES_KEY_WRAP: an AES-256 key under OAEP, then the material under that by AES-KWP.
    private func unwrapInTwoSteps(_ wrapped: [UInt8], hash: OAEPHash) throws -> SecretBytes {
        guard case .rsa(let bits) = wrappingKey.algorithm, wrapped.count > bits / 8 else {
            throw KMSFault.invalidCiphertext
        }
        let key = try wrappingKey.decryptOAEP(Array(wrapped[..<(bits / 8)]), hash: hash)
        return try AES256.unwrapKWP(Array(wrapped[(bits / 8)...]), key: key)
    }
}

/// For the state file alone.
extension ImportParameters: Codable {
    private enum CodingKeys: String, CodingKey {
        case token, keyARN, wrappingAlgorithm, wrappingKey, validTo
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        token = try members.decode(Blob.self, forKey: .token)
        keyARN = try members.decode(String.self, forKey: .keyARN)
        wrappingAlgorithm = try members.decode(WrappingAlgorithm.self, forKey: .wrappingAlgorithm)
        wrappingKey = try PrivateKey(
            pkcs8: try members.decode(StoredSecret.self, forKey: .wrappingKey).bytes, isChecked: true)
        validTo = try members.decode(Date.self, forKey: .validTo)
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(token, forKey: .token)
        try members.encode(keyARN, forKey: .keyARN)
        try members.encode(wrappingAlgorithm, forKey: .wrappingAlgorithm)
        try members.encode(StoredSecret(try wrappingKey.pkcs8()), forKey: .wrappingKey)
        try members.encode(validTo, forKey: .validTo)
    }
}
