/// What one caller may call of KMS; whoever has none may call everything.
package struct CallerPermissions: Hashable, Sendable {
    /// The ARN of a user, or of a role: then of all its sessions.
    let caller: String
    /// AWS's names of operations.
    let allow: Set<String>

    func isAbout(_ caller: TrailCaller) -> Bool { self.caller == caller.arn || self.caller == caller.roleARN }
}

extension CallerPermissions: Decodable {
    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        caller = try members.decode(String.self, forKey: "caller")
        allow = Set(try members.decode([String].self, forKey: "allow"))
        try members.refuseAll(but: ["caller", "allow"])
        try members.require(
            "caller", caller.wholeMatch(of: /arn:aws:iam::[0-9]{12}:(user|role)\/[\x21-\x7e]{1,576}/) != nil,
            "must be the ARN of a user, or of a role")
        try members.require("allow", allow.isSubset(of: KMSFrontend.operations), "has what is none of the emulator's")
    }
}

extension KMSFault {
    /// As AWS says it of who has no policy for it.
    static func denied(_ caller: TrailCaller, _ operation: String) -> KMSFault {
        KMSFault(
            "AccessDeniedException",
            "User: \(caller.arn) is not authorized to perform: kms:\(operation) because no identity-based policy allows the "
                + "kms:\(operation) action")
    }
}
