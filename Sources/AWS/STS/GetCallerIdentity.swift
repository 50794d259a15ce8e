/// Tells who the credentials belong to. It needs no permission.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
package enum GetCallerIdentity {
    package static let name = "GetCallerIdentity"
    /// The version of the query protocol that goes with the action.
    package static let version = "2011-06-15"

    /// What STS answers.
    package struct Output: Hashable, Sendable {
        /// 12 digits.
        package let account: String
        /// Of the user or of the assumed role's session.
        package let arn: String
        package let userID: String

        package init(account: String, arn: String, userID: String) {
            self.account = account
            self.arn = arn
            self.userID = userID
        }
    }
}
