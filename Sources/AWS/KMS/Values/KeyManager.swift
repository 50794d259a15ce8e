/// Who manages a key.
package struct KeyManager: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let aws = KeyManager(rawValue: "AWS")
    package static let customer = KeyManager(rawValue: "CUSTOMER")
}
