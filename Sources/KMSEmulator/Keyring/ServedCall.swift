/// A call that was answered, for tests that count what was done.
package struct ServedCall: Codable, Hashable, Sendable {
    /// AWS's name of the operation.
    package let operation: String
    /// The id of the key, where the call is about one; as it was asked for if there is no such key.
    package let keyId: String?
    /// AWS's name of the refusal; absent of a call that succeeded.
    package let error: String?

    package init(operation: String, keyId: String? = nil, error: String? = nil) {
        self.operation = operation
        self.keyId = keyId
        self.error = error
    }
}
