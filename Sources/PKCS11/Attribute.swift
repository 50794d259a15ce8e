/// One attribute of a template: what an object is to have, or what to look for.
package struct Attribute: Hashable, Sendable {
    package let type: AttributeType
    /// The value as PKCS#11 encodes it: a boolean in one byte, a number as the machine's CK_ULONG, or the bytes.
    package let bytes: [UInt8]

    package init(_ type: AttributeType, bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }

    package init(_ type: AttributeType, _ value: Bool) {
        self.init(type, bytes: value ? Self.yes : Self.no)
    }

    // Most attributes are one of these: no memory is taken for each.
    private static let yes: [UInt8] = [1]
    private static let no: [UInt8] = [0]

    package init(_ type: AttributeType, number: UInt) {
        self.init(type, bytes: withUnsafeBytes(of: number) { Array($0) })
    }

    package static func objectClass(_ value: ObjectClass) -> Attribute {
        Attribute(.objectClass, number: value.rawValue)
    }

    package static func keyType(_ value: KeyType) -> Attribute {
        Attribute(.keyType, number: value.rawValue)
    }

    package static func label(_ text: String) -> Attribute {
        Attribute(.label, bytes: Array(text.utf8))
    }

    package static func id(_ bytes: [UInt8]) -> Attribute {
        Attribute(.id, bytes: bytes)
    }
}
