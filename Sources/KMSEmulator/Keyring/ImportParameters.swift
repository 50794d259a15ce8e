import CryptoPrimitives
import Foundation

/// What one GetParametersForImport handed out, found again by its token.
struct ImportParameters: Sendable {
    /// Token and wrapping key live for 24 hours
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html).
    static let lifetime: TimeInterval = 24 * 60 * 60
    /// An opaque token of about AWS's size.
    static let tokenSize = 512

    let keyID: String
    let wrappingKey: RSAPrivateKey
    let validTo: Date
}
