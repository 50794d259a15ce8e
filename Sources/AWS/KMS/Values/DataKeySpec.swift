/// The length of a data key.
package struct DataKeySpec: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let aes256 = DataKeySpec(rawValue: "AES_256")
    package static let aes128 = DataKeySpec(rawValue: "AES_128")
}
