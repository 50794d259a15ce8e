package import AWS

/// An operation of KMS whose rules the keyring keeps.
package protocol KeyringOperation: KMSOperation {
    /// Does what AWS does: all of it, or nothing and throws.
    ///
    /// - Parameter region: Whose endpoint was asked.
    /// - Throws: `KMSFault` for what AWS would refuse.
    static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output

    /// The key that a call was about, for the record of calls.
    static func keyIdentifier(of input: Input, _ output: Output?) -> String?
}
