package import CryptoPrimitives

/// What somebody in the room wants on record. It changes nothing: approvals of an open gate still count.
package struct Note: Codable, Hashable, Sendable {
    /// Who, by their name on the roster.
    package let by: String
    /// Percent-encoded.
    package let text: String

    package init(by: String, text: String) {
        self.by = by
        self.text = text
    }
}

/// A deviation from the script. Every statement after it carries it, so that the next quorum signs it.
package struct Deviation: Codable, Hashable, Sendable {
    /// Who reports it, by their name on the roster.
    package let by: String
    /// What happened, percent-encoded.
    package let what: String
    /// Why, percent-encoded.
    package let why: String
    /// What was done about it, percent-encoded.
    package let remedy: String
    /// The machine and program with which the ceremony goes on from here, where the plan lacks them.
    package let machine: OtherMachine?

    package init(by: String, what: String, why: String, remedy: String, machine: OtherMachine? = nil) {
        self.by = by
        self.what = what
        self.why = why
        self.remedy = remedy
        self.machine = machine
    }
}

/// A deviation as later statements carry it.
package struct StatedException: Codable, Hashable, Sendable {
    /// The number of its line in the transcript.
    package let seq: Int
    package let exception: Deviation

    package init(seq: Int, exception: Deviation) {
        self.seq = seq
        self.exception = exception
    }
}

/// A foreign file that was added to the evidence, in `exhibits/`.
package struct Exhibit: Codable, Hashable, Sendable {
    /// Who brought it, by their name on the roster.
    package let by: String
    /// The file's name in `exhibits/`: letters, digits, `.`, `_` and `-`.
    package let name: String
    /// What it is, percent-encoded.
    package let what: String
    /// The SHA-256 of the file.
    package let file: SHA256Digest

    package init(by: String, name: String, what: String, file: SHA256Digest) {
        self.by = by
        self.name = name
        self.what = what
        self.file = file
    }

    /// Where the exhibits lie, with a slash at the end.
    package static let folder = "exhibits/"

    package var path: String { Self.folder + name }

    /// Whether its name is one for a file of a ceremony folder.
    package var isFit: Bool { Self.isName(name) }

    /// Whether a name is one for an exhibit: up to 100 letters, digits, `.`, `_` and `-`, and no `.` at the beginning.
    package static func isName(_ name: String) -> Bool {
        Plan.isFileName(name) && !name.hasPrefix(".") && name.utf8.count <= 100
    }
}

/// The ceremony goes no further: nothing follows but its close.
package struct Aborted: Codable, Hashable, Sendable {
    /// Who ended it, by their name on the roster.
    package let by: String
    /// Why, percent-encoded.
    package let reason: String

    package init(by: String, reason: String) {
        self.by = by
        self.reason = reason
    }
}

/// An effect that was intended when the ceremony was ended early: whether it was had is not known.
package struct UnsettledEffect: Codable, Hashable, Sendable {
    /// The number of the transcript's line that intended it.
    package let seq: Int
    package let kind: EventKind

    package init(seq: Int, kind: EventKind) {
        self.seq = seq
        self.kind = kind
    }
}

/// A service refused what was intended, for certain: it had no effect.
package struct Refused: Codable, Hashable, Sendable {
    /// The service's name of the error, such as `ExpiredImportTokenException`.
    package let code: String
    /// AWS's request id, where there was one.
    package let request: String?
    /// Whether an earlier call may have had the effect all the same; nil where there was none whose outcome is unknown.
    package let earlierCall: Bool?

    /// KMS's name for that it was given other material than that of the id.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
    package static let otherMaterial = "IncorrectKeyMaterialException"

    package init(code: String, request: String?, earlierCall: Bool? = nil) {
        self.code = code
        self.request = request
        self.earlierCall = earlierCall
    }
}
