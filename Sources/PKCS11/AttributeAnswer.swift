/// What a token says about one attribute of one object.
package enum AttributeAnswer: Hashable, Sendable {
    /// The bytes, as PKCS#11 encodes them.
    case value([UInt8])
    /// The object has no such attribute, or the token does not know it.
    case unavailable
    /// The token keeps it to itself.
    case sensitive
    /// Key material that the token *would* hand out, with its size in bytes; Keyrite did not fetch it.
    case exposed(size: Int)

    /// The bytes, or nil when there is no value.
    package var bytes: [UInt8]? {
        if case .value(let bytes) = self { bytes } else { nil }
    }

    /// A CK_BBOOL: one byte, 0 or 1; nil for anything else.
    package var bool: Bool? {
        switch bytes {
        case [0]: false
        case [1]: true
        default: nil
        }
    }

    /// A CK_ULONG: exactly the machine's eight bytes; nil for anything else.
    package var number: UInt? {
        guard let bytes, bytes.count == MemoryLayout<UInt>.size else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt.self) }
    }

    /// Text in UTF-8; nil for anything else.
    package var text: String? {
        bytes.flatMap { String(validating: $0, as: UTF8.self) }
    }
}
