import AWS

/// The rules for the ciphertext that Decrypt and ReEncrypt are given.
enum CiphertextRules {
    /// - Returns: Nil for a dry run that leaves it out.
    /// - Throws: ValidationException where there is none or it is of a length that AWS does not take.
    static func ciphertext(_ blob: Blob?, dryRun: Bool?, modifiers: [DryRunModifier]?) throws -> Blob? {
        let isIgnored = modifiers?.contains(.ignoreCiphertext) == true
        guard !isIgnored || dryRun == true else {
            throw KMSFault.validation("DryRunModifiers are for calls with DryRun.")
        }
        if isIgnored { return nil }
        guard let blob else { throw KMSFault.constraint("Value null at 'ciphertextBlob'", "not be null") }
        guard (1...6144).contains(blob.bytes.count) else {
            throw KMSFault.constraint("Value at 'ciphertextBlob'", "have length between 1 and 6144, inclusive")
        }
        return blob
    }
}
