import CP11Kit
package import CryptoPrimitives

/// What a ceremony asks a token to do, with the parameters that belong to it.
///
/// RSA-OAEP exists in one form only: SHA-256, MGF1 with SHA-256, no label (RFC 8017, 7.1; what AWS KMS calls
/// RSAES_OAEP_SHA_256), alone and within RSA-AES key wrap (RSA_AES_KEY_WRAP_SHA_256, with an AES-256 key). SHA-1 or a
/// label cannot be expressed.
package enum Mechanism: Sendable {
    case aesKeyGeneration
    case genericSecretKeyGeneration
    case ecKeyPairGeneration
    case rsaKeyPairGeneration
    case aesECB
    case ecdsa
    case hmac(SHA2)
    case rsaOAEPSHA256
    /// AES key wrap with padding (RFC 5649).
    case aesKeyWrapPad
    case rsaAESKeyWrapSHA256
    /// A key whose bytes are these blocks as the base key encrypts them (PKCS#11 2.40 mechanisms, key derivation by data encryption).
    case aesECBEncryptData([UInt8])
    /// A key whose bytes are the base key's SHA-256 (PKCS#11 2.40 mechanisms, SHA-256 key derivation).
    case sha256KeyDerivation

    package var type: MechanismType {
        switch self {
        case .aesKeyGeneration: .aesKeyGeneration
        case .genericSecretKeyGeneration: .genericSecretKeyGeneration
        case .ecKeyPairGeneration: .ecKeyPairGeneration
        case .rsaKeyPairGeneration: .rsaKeyPairGeneration
        case .aesECB: .aesECB
        case .ecdsa: .ecdsa
        case .hmac(let hash): .hmac(hash)
        case .rsaOAEPSHA256: .rsaOAEP
        case .aesKeyWrapPad: .aesKeyWrapPad
        case .rsaAESKeyWrapSHA256: .rsaAESKeyWrap
        case .aesECBEncryptData: .aesECBEncryptData
        case .sha256KeyDerivation: .sha256KeyDerivation
        }
    }

    /// Lends the C form for one call.
    func withPointer<R>(_ body: (UnsafeMutablePointer<CK_MECHANISM>) throws -> R) rethrows -> R {
        switch self {
        case .rsaOAEPSHA256:
            return try Self.withOAEPSHA256 { try lend($0, to: body) }
        case .rsaAESKeyWrapSHA256:
            return try Self.withOAEPSHA256 { oaep in
                var parameters = KeyriteRSAAESKeyWrapParameters(aesKeyBits: 256, oaepParameters: oaep)
                return try lend(&parameters, to: body)
            }
        case .aesECBEncryptData(var blocks):
            return try blocks.withUnsafeMutableBufferPointer { blocks in
                var parameters = CK_KEY_DERIVATION_STRING_DATA(pData: blocks.baseAddress, ulLen: UInt(blocks.count))
                return try lend(&parameters, to: body)
            }
        case .aesKeyGeneration, .genericSecretKeyGeneration, .ecKeyPairGeneration, .rsaKeyPairGeneration, .aesECB,
            .ecdsa, .hmac, .aesKeyWrapPad, .sha256KeyDerivation:
            var mechanism = CK_MECHANISM(mechanism: type.rawValue, pParameter: nil, ulParameterLen: 0)
            return try body(&mechanism)
        }
    }

    private func lend<Parameters, R>(
        _ parameters: UnsafeMutablePointer<Parameters>, to body: (UnsafeMutablePointer<CK_MECHANISM>) throws -> R
    ) rethrows -> R {
        var mechanism = CK_MECHANISM(
            mechanism: type.rawValue, pParameter: parameters, ulParameterLen: UInt(MemoryLayout<Parameters>.size))
        return try body(&mechanism)
    }

    private static func withOAEPSHA256<R>(
        _ body: (UnsafeMutablePointer<CK_RSA_PKCS_OAEP_PARAMS>) throws -> R
    ) rethrows -> R {
        // Source "data specified", pointer NULL, length 0: other ways to say "no label" break some tokens.
        var parameters = CK_RSA_PKCS_OAEP_PARAMS(
            hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, source: CKZ_DATA_SPECIFIED, pSourceData: nil, ulSourceDataLen: 0)
        return try body(&parameters)
    }
}
