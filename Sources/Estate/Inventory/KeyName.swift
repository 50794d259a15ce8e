/// A key as something names it.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>
package enum KeyName: Hashable, Sendable {
    case keyID(String)
    /// With its Region and account.
    case keyARN(String, region: String, account: String)
    /// `alias/payments`.
    case alias(String)
    /// The alias's name, with its Region and account.
    case aliasARN(String, region: String, account: String)

    package init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 6, parts[0] == "arn", parts[2] == "kms" {
            if parts[5].hasPrefix("key/") {
                self = .keyARN(text, region: parts[3], account: parts[4])
                return
            }
            if parts[5].hasPrefix("alias/") {
                self = .aliasARN(parts[5], region: parts[3], account: parts[4])
                return
            }
        }
        self = text.hasPrefix("alias/") ? .alias(text) : .keyID(text)
    }
}
