/// How many calls a second AWS KMS takes of an account in a Region, where it takes few.
///
/// The defaults are AWS's own; each can be raised in the account, and then in the site.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
package struct Quotas: Hashable, Sendable {
    /// By AWS's name of the operation.
    package let perSecond: [String: Int]

    /// Of everything that a ceremony has an effect with.
    private static let aws = [
        fetch: 1, "CreateKey": 5, "CreateAlias": 5, "UpdateAlias": 5, "RotateKeyOnDemand": 5, "ImportKeyMaterial": 15,
        "DeleteImportedKeyMaterial": 15,
    ]
    private static let fetch = "GetParametersForImport"

    /// GetParametersForImport calls a second.
    package var importParameters: Int { perSecond[Self.fetch] ?? 1 }

    /// AWS's own.
    package init() { self.init(perSecond: Self.aws) }

    /// - Parameter everywhere: Calls a second, of each operation.
    package init(everywhere: Int) { self.init(perSecond: Self.aws.mapValues { _ in everywhere }) }

    private init(perSecond: [String: Int]) { self.perSecond = perSecond }

    static let keys = aws.keys.sorted()

    /// - Parameter yaml: The site's `aws.quotas`; nil where it has none.
    init(_ yaml: StrictYAML?) throws {
        var perSecond = Self.aws
        for key in Self.keys {
            guard let yaml, let asked = try yaml.optionalInteger(key) else { continue }
            guard asked >= 1 else { throw yaml.error(key, "must be 1 or more", "Write the calls a second") }
            perSecond[key] = asked
        }
        self.init(perSecond: perSecond)
    }

    /// As `aws.quotas` of a site says it, each line after `indent`.
    func yaml(indent: String) -> String {
        Self.keys.map { "\(indent)\($0): \(perSecond[$0] ?? 1)" }.joined(separator: "\n")
    }
}
