/// Asks what a user's or a role's own policies say to calls, without making them.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
package enum SimulatePrincipalPolicy {
    package static let name = "SimulatePrincipalPolicy"
    /// The version of the query protocol that goes with the action.
    package static let version = "2010-05-08"

    /// What the caller asks.
    package struct Input: Hashable, Sendable {
        /// The ARN of a user or a role; not of a role's session.
        package let policySource: String
        /// Such as `kms:RotateKeyOnDemand`.
        package let actions: [String]
        /// One ARN, or `*`.
        package let resource: String

        package init(policySource: String, actions: [String], resource: String) {
            self.policySource = policySource
            self.actions = actions
            self.resource = resource
        }
    }

    /// What the policies come to for one action.
    package struct Decision: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) { self.rawValue = rawValue }

        package static let allowed = Decision(rawValue: "allowed")
        package static let explicitDeny = Decision(rawValue: "explicitDeny")
        package static let implicitDeny = Decision(rawValue: "implicitDeny")
    }
}
