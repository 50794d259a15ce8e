package import CryptoPrimitives

/// Gives a session of a role to whom the role trusts.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
package enum AssumeRole {
    package static let name = "AssumeRole"

    /// What the caller asks; the call is signed.
    package struct Input: Sendable {
        package let roleARN: String
        package let sessionName: SessionName
        /// In seconds, 900 to 43,200; nil for STS's own, an hour.
        package let duration: Int?
        package let externalID: String?
        package let mfa: MFA?
        package let tags: [SessionTag]

        package init(
            roleARN: String, sessionName: SessionName, duration: Int? = nil, externalID: String? = nil,
            mfa: MFA? = nil, tags: [SessionTag] = []
        ) {
            self.roleARN = roleARN
            self.sessionName = sessionName
            self.duration = duration
            self.externalID = externalID
            self.mfa = mfa
            self.tags = tags
        }
    }

    /// What a device of multi-factor authentication shows, good for one call.
    package struct MFA: Sendable {
        /// The device's ARN, or the serial number of one in hardware.
        package let serial: String
        /// Six digits.
        package let code: SecretBytes

        package init(serial: String, code: SecretBytes) {
            self.serial = serial
            self.code = code
        }
    }
}

/// Gives a session of a role to whoever has a token of an identity provider that the role trusts. It is not signed.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
package enum AssumeRoleWithWebIdentity {
    package static let name = "AssumeRoleWithWebIdentity"

    /// What the caller asks; the token stands for a signature.
    package struct Input: Sendable {
        package let roleARN: String
        package let sessionName: SessionName
        /// It travels in the request, so a copy of it lives as long as the request does.
        package let token: SecretBytes

        package init(roleARN: String, sessionName: SessionName, token: SecretBytes) {
            self.roleARN = roleARN
            self.sessionName = sessionName
            self.token = token
        }
    }
}

/// A session of a role.
package struct RoleSession: Sendable {
    package let credentials: Credentials
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    package let arn: String

    /// The session's own, if it is the one that was asked for.
    ///
    /// - Throws: `AWSError.configuration` for another role's or another session's.
    func credentials(of role: String, _ name: SessionName) throws -> Credentials {
        let asked = Self.arn(of: role, name)
        guard arn == asked else {
            throw AWSError.configuration(
                "STS gave a session of \(Printable.text(arn, limit: 300)), and \(asked.map { Printable.text($0, limit: 300) } ?? "a role's")"
                    + " was asked for. It is not used. Check role_arn and the STS endpoint")
        }
        return credentials
    }

    /// What a session of a role is called: the role's path is no part of that; nil for what is no role's ARN.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>
    static func arn(of role: String, _ name: SessionName) -> String? {
        let parts = role.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "iam", parts[3].isEmpty, parts[5].hasPrefix("role/"),
            let own = parts[5].split(separator: "/", omittingEmptySubsequences: false).last, !own.isEmpty
        else { return nil }
        return "arn:\(parts[1]):sts::\(parts[4]):assumed-role/\(own)/\(name)"
    }
}

/// A tag of a session, which policies can ask for and CloudTrail keeps.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
package struct SessionTag: Hashable, Sendable {
    package let key: String
    package let value: String

    /// - Throws: `AWSError.configuration` for what STS does not take.
    package init(key: String, value: String) throws {
        guard Self.isTagText(key, 1...128), Self.isTagText(value, 0...256) else {
            throw AWSError.configuration(
                "\"\(Printable.text(key, limit: 128))\" cannot be a session tag: a key has 1 to 128 characters, a value up "
                    + "to 256, of letters, digits, space and _.:/=+-@")
        }
        self.key = key
        self.value = value
    }

    private static func isTagText(_ text: String, _ count: ClosedRange<Int>) -> Bool {
        count.contains(text.unicodeScalars.count)
            && text.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || "0123456789 _.:/=+-@".unicodeScalars.contains($0)
            }
    }
}

/// The name of a role's session: it stands in the caller's ARN, and in CloudTrail beside every call.
package struct SessionName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Parameter source: What it was read from, for errors.
    /// - Throws: `AWSError.configuration` for what STS does not take.
    package init(_ name: String, from source: String) throws {
        guard (2...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isSessionNameCharacter) else {
            throw AWSError.configuration(
                "\(source) is no name of a session: 2 to 64 letters, digits and _+=,.@-; correct it")
        }
        description = name
    }

    private static func isSessionNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_+=,.@-".utf8.contains(byte)
        }
    }
}
