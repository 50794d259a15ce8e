/// What a member's FIDO2 authenticator must have seen of them for a signature to count.
package enum UserPresence: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing: whoever has the authenticator's host can sign.
    case none
    /// That they touched it.
    case touched
    /// That they touched it and are who they are, by PIN or fingerprint.
    case verified

    /// Whether what the authenticator says is enough.
    func isMet(by assertion: SSHAssertion) -> Bool {
        switch self {
        case .none: true
        case .touched: assertion.userWasPresent
        case .verified: assertion.userWasPresent && assertion.userWasVerified
        }
    }

    /// What was missing where it is not met, after "without".
    var lack: String {
        switch self {
        case .none: "nothing"
        case .touched: "a touch of the authenticator"
        case .verified: "a touch of the authenticator and its PIN or fingerprint"
        }
    }
}
