/// The rule for a key's description.
enum KeyDescription {
    /// - Throws: ValidationException above 8192 characters.
    static func validate(_ description: String?) throws {
        guard (description ?? "").count <= 8192 else {
            throw KMSFault.constraint("Value at 'description'", "have length less than or equal to 8192")
        }
    }
}
