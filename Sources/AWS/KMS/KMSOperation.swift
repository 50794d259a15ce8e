/// One operation of AWS KMS: its name on the wire and the shapes of its question and answer.
///
/// Shapes follow AWS's service model (`kms-2014-11-01`); names differ in their first letters only. What AWS always
/// answers is not optional here, so that its absence is an error where it happens.
package protocol KMSOperation: Sendable {
    associatedtype Input: Codable & Sendable
    associatedtype Output: Codable & Sendable

    /// The name in `X-Amz-Target: TrentService.<name>`.
    static var name: String { get }
    /// Whether asking twice does no more than asking once. If not, a lost answer is never met with a second question.
    static var isIdempotent: Bool { get }
}

/// What operations answer that have nothing to say.
package struct NoOutput: Codable, Hashable, Sendable {
    package init() {}
}
