/// A caller that the emulator does not know.
package struct StrangerIdentity: Hashable, Sendable {
    static let members = ["identity", "accessKeyId"]
    /// AWS's own example of a second key.
    private static let usualKey = "AKIAI44QH8DHBEXAMPLE"

    /// Of a user, or of an assumed role's session.
    let arn: String
    let accessKeyID: String

    init(_ members: KeyedDecodingContainer<MemberName>) throws {
        arn = try members.decode(String.self, forKey: "identity")
        accessKeyID = try members.decodeIfPresent(String.self, forKey: "accessKeyId") ?? Self.usualKey
        let form = /arn:aws:(iam::[0-9]{12}:user|sts::[0-9]{12}:assumed-role\/[\w+=,.@\-]{1,64})\/[\w+=,.@\/\-]{1,512}/
        try members.require(
            "identity", arn.wholeMatch(of: form) != nil, "must be the ARN of a user, or of an assumed role's session")
        try members.require(
            "accessKeyId", accessKeyID.wholeMatch(of: /[A-Z0-9]{16,128}/) != nil, "must be an access key id")
    }

    /// As an event has it.
    ///
    /// - Parameter start: When the session of a role began: `2025-05-21T05:42:31Z`.
    func caller(sessionStart start: String) -> TrailCaller {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        let isRole = parts[2] == "sts"
        let session = arn.split(separator: "/").last.map(String.init) ?? ""
        return TrailCaller(
            account: String(parts[4]), arn: arn,
            principalID: isRole ? "AROADBQP57FF2AEXAMPLE:\(session)" : "AIDAJ45Q7YFFAREXAMPLE",
            accessKeyID: accessKeyID, sessionStart: start)
    }
}
