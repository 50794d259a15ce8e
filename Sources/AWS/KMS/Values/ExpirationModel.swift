/// Whether imported material expires.
package struct ExpirationModel: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let keyMaterialExpires = ExpirationModel(rawValue: "KEY_MATERIAL_EXPIRES")
    package static let keyMaterialDoesNotExpire = ExpirationModel(rawValue: "KEY_MATERIAL_DOES_NOT_EXPIRE")
}
