/// The last calls that were answered, in order; the oldest are forgotten, so that an emulator can run for weeks.
package struct CallLog: Sendable {
    /// A ceremony over a thousand keys makes some ten thousand.
    package static let usualCapacity = 1 << 16
    /// The most characters that AWS takes for a KeyId; the longest name of an operation is shorter.
    private static let longestText = 2048

    private let capacity: Int
    package private(set) var calls: [ServedCall] = []
    /// How many were forgotten.
    package private(set) var forgotten = 0

    /// - Parameter capacity: The most calls that are kept; never fewer than half of it once there were so many.
    package init(capacity: Int = usualCapacity) {
        self.capacity = capacity
    }

    package mutating func append(_ call: ServedCall) {
        if calls.count == capacity {
            // Half at a time: an array without its first element is one that was moved whole.
            forgotten += capacity / 2
            calls.removeFirst(capacity / 2)
        }
        calls.append(
            ServedCall(
                operation: String(call.operation.prefix(Self.longestText)),
                keyId: call.keyId.map { String($0.prefix(Self.longestText)) }, error: call.error))
    }
}
