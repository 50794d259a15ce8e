import AWS

/// Who called, as an event says it.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
struct TrailCaller: Hashable, Sendable {
    /// 12 digits.
    let account: String
    /// Of a user, or of an assumed role's session.
    let arn: String
    /// The user's id, or the role's with the session's name.
    let principalID: String
    let accessKeyID: String
    /// When the session began: `2025-05-21T05:42:31Z`; nil of a user.
    var sessionStart: String?

    /// The user's name, or the session's.
    var username: String { arn.split(separator: "/").last.map(String.init) ?? arn }

    var userIdentity: JSONValue {
        var members: [String: JSONValue] = [
            "principalId": .text(principalID), "arn": .text(arn), "accountId": .text(account),
            "accessKeyId": .text(accessKeyID),
        ]
        if let role {
            members["type"] = .text("AssumedRole")
            members["sessionContext"] = .object([
                "sessionIssuer": .object([
                    "type": .text("Role"),
                    "principalId": .text(String(principalID.prefix { $0 != ":" })),
                    "arn": .text(roleARN ?? ""),
                    "accountId": .text(account),
                    "userName": .text(role),
                ]),
                "attributes": .object([
                    "creationDate": .text(sessionStart ?? ""), "mfaAuthenticated": .text("false"),
                ]),
            ])
        } else {
            members["type"] = .text("IAMUser")
            members["userName"] = .text(username)
        }
        return .object(members)
    }

    /// Of an assumed role, as far as its session tells: without a path.
    var roleARN: String? { role.map { "arn:aws:iam::\(account):role/\($0)" } }

    /// The name of an assumed role.
    private var role: String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "sts" else { return nil }
        let resource = parts[5].split(separator: "/")
        return resource.count == 3 && resource[0] == "assumed-role" ? String(resource[1]) : nil
    }
}
