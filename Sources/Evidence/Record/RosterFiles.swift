extension Roster {
    /// The file in the ceremony folder.
    package static let path = "roster.json"
    /// The file derived from it, for ssh-keygen.
    package static let allowedSignersPath = "allowed_signers"

    /// Where a member's acceptance of the roster lies.
    package static func acceptancePath(of member: Member) -> String { "roster/\(member.name).sig" }
}
