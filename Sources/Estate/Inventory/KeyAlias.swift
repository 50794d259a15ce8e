/// An alias of the account.
package struct KeyAlias: Codable, Hashable, Sendable {
    package let name: OutsideText
    package let arn: OutsideText
    package let account: String
    package let region: String
    /// The ARN of the key it leads to; absent of one that leads nowhere.
    package let key: OutsideText?
    /// `known`, `missing`, `no-target` or `not-read`.
    package let standing: KeyReference.Standing
}
