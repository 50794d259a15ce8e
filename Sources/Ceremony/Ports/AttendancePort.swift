/// What people in the room add to the record, beside their signatures. Texts are as people wrote them.
package enum Interjection: Hashable, Sendable {
    /// What a person wants on record; it changes nothing.
    case note(by: String, text: String)
    /// A deviation from the script; the next quorum signs it.
    case exception(by: String, what: String, why: String, remedy: String)
    /// A file to be added to the evidence under this name.
    case exhibit(by: String, name: String, what: String, bytes: [UInt8])
    /// The ceremony is to go no further.
    case abort(by: String, reason: String)
}

/// The people in the room, as far as they do more than sign.
package protocol AttendancePort: Sendable {
    /// Is asked before each new effect and whenever a gate is looked at: what is to be recorded before anything else
    /// happens. It may take as long as people do: a pause is an answer that lets wait.
    func interjections() async throws -> [Interjection]

    /// Keeps what could not be put on record, to give it again at the next occasion, before anything else.
    func takeBack(_ interjections: [Interjection])
}

/// Nobody who would say anything.
package struct Unattended: AttendancePort {
    package init() {}

    package func interjections() async throws -> [Interjection] { [] }

    package func takeBack(_: [Interjection]) {}
}
