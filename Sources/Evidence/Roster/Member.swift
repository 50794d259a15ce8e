/// One person of a roster.
package struct Member: Codable, Hashable, Sendable {
    /// 1 to 32 of a-z, 0-9 and "-", beginning with a letter or digit; also a file's name and an SSH principal.
    package let name: String
    package let role: Role
    /// The public key as `TYPE BASE64`, without a comment.
    package let key: String
    /// What a FIDO2 key must show of its owner with each signature; absent exactly for a plain key.
    package let userPresence: UserPresence?
    /// The first second at which a signature counts.
    package let validFrom: Timestamp
    /// The last second at which a signature counts.
    package let validUntil: Timestamp

    package init(
        name: String, role: Role, key: String, userPresence: UserPresence? = nil, validFrom: Timestamp,
        validUntil: Timestamp
    ) {
        self.name = name
        self.role = role
        self.key = key
        self.userPresence = userPresence
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    /// - Throws: `SSHFormatError` when the key's line is not in its one form, which no valid roster has.
    package func publicKey() throws -> SSHPublicKey { try SSHPublicKey(line: key) }

    /// What a signature by this member's authenticator does not show of them and must.
    ///
    /// - Returns: nil when nothing is missing.
    func missingPresence(in signature: SSHSignature) -> UserPresence? {
        guard let userPresence, let assertion = signature.assertion else { return nil }
        return userPresence.isMet(by: assertion) ? nil : userPresence
    }

    /// Whether a signature made at this time counts; both ends do, as they do for ssh-keygen.
    package func isValid(in window: Validity) -> Bool {
        validFrom <= window.until && max(validFrom, validUntil) >= window.from
    }

    /// Whether the key counts for what is signed at that time.
    package func isValid(at time: Timestamp) -> Bool { (validFrom...max(validFrom, validUntil)).contains(time) }
}
