import AWS
import CryptoPrimitives

/// Which wrapping algorithm and wrapping key go with which key.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html>; AWS does not
/// document the names of these refusals.
enum WrappingRules {
    private static let oaep: [WrappingAlgorithm] = [.rsaesOAEPSHA1, .rsaesOAEPSHA256]
    private static let keyWrap: [WrappingAlgorithm] = [.rsaAESKeyWrapSHA1, .rsaAESKeyWrapSHA256]
    /// PKCS #1 v1.5 is not served since October 10, 2023; SM2 in China alone.
    private static let retired: [WrappingAlgorithm] = [.rsaesPKCS1v15, .sm2pke]

    /// - Throws: UnsupportedOperationException for a combination that AWS does not serve, ValidationException for an
    ///   algorithm that there is not.
    static func require(
        _ algorithm: WrappingAlgorithm, with spec: WrappingKeySpec, for key: ManagedKey
    ) throws {
        guard (oaep + keyWrap + retired).contains(algorithm) else {
            let known = (retired + oaep + keyWrap).map(\.rawValue).joined(separator: ", ")
            throw KMSFault.constraint(
                "Value '\(algorithm)' at 'wrappingAlgorithm'", "satisfy enum value set: [\(known)]")
        }
        let allowed: [WrappingAlgorithm] =
            switch key.type {
            case .symmetric, .hmac: oaep
            case .asymmetric(.rsa): keyWrap
            case .asymmetric(.ec(.p521)) where spec == .rsa2048: keyWrap
            case .asymmetric(.ec): oaep + keyWrap
            }
        guard allowed.contains(algorithm) else {
            throw KMSFault.unsupported(
                "Wrapping algorithm \(algorithm) with wrapping key spec \(spec) is not supported for key spec "
                    + "\(key.spec).")
        }
    }
}
