/// Bytes or text that are not the one form of an SSH key or signature.
package struct SSHFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words.
    package let reason: String

    package var description: String { reason }
}
