import CP11Kit

/// What a ceremony asks a token to do, with the parameters that belong to it.
///
/// RSA-OAEP exists in one form only: SHA-256, MGF1 with SHA-256, no label (RFC 8017, 7.1; what AWS KMS calls
/// RSAES_OAEP_SHA_256). SHA-1 or a label cannot be expressed.
package enum Mechanism: Sendable {
    case aesKeyGeneration
    case aesECB
    case ecKeyPairGeneration
    case ecdsa
    case rsaOAEPSHA256

    package var type: MechanismType {
        switch self {
        case .aesKeyGeneration: .aesKeyGeneration
        case .aesECB: .aesECB
        case .ecKeyPairGeneration: .ecKeyPairGeneration
        case .ecdsa: .ecdsa
        case .rsaOAEPSHA256: .rsaOAEP
        }
    }

    /// Lends the C form for one call.
    func withPointer<R>(_ body: (UnsafeMutablePointer<CK_MECHANISM>) throws -> R) rethrows -> R {
        var mechanism = CK_MECHANISM(mechanism: type.rawValue, pParameter: nil, ulParameterLen: 0)
        guard case .rsaOAEPSHA256 = self else { return try body(&mechanism) }
        // Source "data specified", pointer NULL, length 0: other ways to say "no label" break some tokens.
        var parameters = CK_RSA_PKCS_OAEP_PARAMS(
            hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, source: CKZ_DATA_SPECIFIED, pSourceData: nil, ulSourceDataLen: 0)
        return try withUnsafeMutableBytes(of: &parameters) { parameters in
            mechanism.pParameter = parameters.baseAddress
            mechanism.ulParameterLen = UInt(parameters.count)
            return try body(&mechanism)
        }
    }
}
