/// How many calls a second AWS KMS takes of an account in a Region, where it takes few.
///
/// The defaults are AWS's own; each can be raised in the account, and then in the site.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
package struct Quotas: Hashable, Sendable {
    /// GetParametersForImport calls a second.
    package let importParameters: Int

    package init(importParameters: Int = 1) {
        self.importParameters = importParameters
    }

    static let keys = ["GetParametersForImport"]

    /// - Parameter yaml: The site's `aws.quotas`; nil where it has none.
    init(_ yaml: StrictYAML?) throws {
        guard let yaml, let asked = try yaml.optionalInteger("GetParametersForImport") else {
            self.init()
            return
        }
        guard asked >= 1 else {
            throw yaml.error("GetParametersForImport", "must be 1 or more", "Write the calls a second")
        }
        self.init(importParameters: asked)
    }
}
