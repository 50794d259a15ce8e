import CryptoPrimitives

/// The form of a key material's id.
enum MaterialID {
    /// - Throws: ValidationException unless it is 64 lowercase hex digits.
    static func validate(_ id: String) throws {
        guard id.utf8.count == 64, Hex.decode(id) != nil else {
            throw KMSFault.constraint(
                "Value '\(id)' at 'keyMaterialId'", "satisfy regular expression pattern: ^[a-f0-9]+$")
        }
    }
}
