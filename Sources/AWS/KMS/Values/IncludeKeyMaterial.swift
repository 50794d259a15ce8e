/// Whether ListKeyRotations also tells of the first and the pending material.
package struct IncludeKeyMaterial: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let allKeyMaterial = IncludeKeyMaterial(rawValue: "ALL_KEY_MATERIAL")
    package static let rotationsOnly = IncludeKeyMaterial(rawValue: "ROTATIONS_ONLY")
}
