import CP11Kit

/// A class of objects on a token: CKO_.
package struct ObjectClass: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt

    package init(rawValue: UInt) { self.rawValue = rawValue }

    package static let publicKey = ObjectClass(rawValue: CKO_PUBLIC_KEY)
    package static let privateKey = ObjectClass(rawValue: CKO_PRIVATE_KEY)
    package static let secretKey = ObjectClass(rawValue: CKO_SECRET_KEY)

    /// The standard's name of the classes used here, else the number in hex.
    package var description: String {
        switch self {
        case .publicKey: "CKO_PUBLIC_KEY"
        case .privateKey: "CKO_PRIVATE_KEY"
        case .secretKey: "CKO_SECRET_KEY"
        default: "CKO 0x" + String(rawValue, radix: 16)
        }
    }
}
