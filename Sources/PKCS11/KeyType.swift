import CP11Kit

/// A type of keys: CKK_.
package struct KeyType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt

    package init(rawValue: UInt) { self.rawValue = rawValue }

    package static let rsa = KeyType(rawValue: CKK_RSA)
    package static let ec = KeyType(rawValue: CKK_EC)
    package static let genericSecret = KeyType(rawValue: CKK_GENERIC_SECRET)
    package static let aes = KeyType(rawValue: CKK_AES)

    /// The standard's name of the types used here, else the number in hex.
    package var description: String {
        switch self {
        case .rsa: "CKK_RSA"
        case .ec: "CKK_EC"
        case .genericSecret: "CKK_GENERIC_SECRET"
        case .aes: "CKK_AES"
        default: "CKK 0x" + String(rawValue, radix: 16)
        }
    }
}
