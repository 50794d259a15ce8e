extension Roster {
    /// The file in the ceremony folder.
    package static let path = RosterPlace.current.file
    /// The file derived from it, for ssh-keygen.
    package static let allowedSignersPath = "allowed_signers"

    /// Where a member's acceptance of the roster lies.
    package static func acceptancePath(of member: Member) -> String { RosterPlace.current.acceptance(of: member) }
}

/// Where one roster of a chain lies, with what was signed over it: in a ceremony folder and in a roster folder alike.
package struct RosterPlace: Hashable, Sendable {
    package let file: String
    private let folder: String

    /// The last of the chain, which the ceremony is held by.
    package static let current = RosterPlace(file: "roster.json", folder: "roster")

    /// One before it, by its number.
    package static func earlier(_ number: Int) -> RosterPlace {
        RosterPlace(file: "rosters/\(number).json", folder: "rosters/\(number)")
    }

    /// Where one of this roster's files lies once the roster has another place; other files stay.
    func moved(_ path: String, to place: RosterPlace) -> String {
        if path == file { return place.file }
        return path.hasPrefix(folder + "/") ? place.folder + path.dropFirst(folder.utf8.count) : path
    }

    /// A newcomer's signature, by the key that this roster lists.
    package func acceptance(of member: Member) -> String { "\(folder)/\(member.name).sig" }

    /// The signature of a member of the roster before it, by the key that was listed there.
    package func consent(of member: Member) -> String { "\(folder)/change/\(member.name).sig" }
}
