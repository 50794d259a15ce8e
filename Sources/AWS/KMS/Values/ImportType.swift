/// Whether an import brings new material or the same material again.
package struct ImportType: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let newKeyMaterial = ImportType(rawValue: "NEW_KEY_MATERIAL")
    package static let existingKeyMaterial = ImportType(rawValue: "EXISTING_KEY_MATERIAL")
}
