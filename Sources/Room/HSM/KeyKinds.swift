import Ceremony
import CryptoPrimitives
package import Evidence

/// What a token is asked for to make a key of a kind.
enum KeyGeneration {
    case aes256
    case secret(count: Int)
    case pair(AsymmetricAlgorithm)
}

extension KeySpec {
    var generation: KeyGeneration {
        get throws {
            switch self {
            case .symmetric: .aes256
            case .hmac224, .hmac256, .hmac384, .hmac512: .secret(count: try hash.size)
            case .rsa2048: .pair(.rsa(bits: 2048))
            case .rsa3072: .pair(.rsa(bits: 3072))
            case .rsa4096: .pair(.rsa(bits: 4096))
            case .p256: .pair(.ec(.p256))
            case .p384: .pair(.ec(.p384))
            case .p521: .pair(.ec(.p521))
            case .secp256k1: .pair(.ec(.secp256k1))
            }
        }
    }

    /// Whether making and wrapping such keys takes what p11-kit 0.24.1's protocol does not carry: CKM_SHA224_HMAC, or AES key
    /// wrap with padding and CKM_RSA_AES_KEY_WRAP. A process that holds the module itself does it.
    package var exceedsTokenServer: Bool {
        switch family {
        case .aes: false
        case .hmac: self == .hmac224
        case .rsa, .ec: true
        }
    }

    /// The hash of an HMAC key, as KMS has it.
    var hash: SHA2 {
        get throws {
            switch self {
            case .hmac224: .sha224
            case .hmac256: .sha256
            case .hmac384: .sha384
            case .hmac512: .sha512
            default:
                throw CeremonyError(
                    .state, "\(rawValue) keys authenticate nothing", remedy: "Report this: it is Keyrite's fault")
            }
        }
    }
}
