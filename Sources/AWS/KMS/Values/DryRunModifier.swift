/// What a dry run leaves out.
package struct DryRunModifier: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let ignoreCiphertext = DryRunModifier(rawValue: "IGNORE_CIPHERTEXT")
}
