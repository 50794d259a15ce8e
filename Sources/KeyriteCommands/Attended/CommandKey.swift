/// The keys that people have at every prompt, and while steps run.
package enum CommandKey: UInt8, CaseIterable, Sendable {
    case pause = 0x10
    case note = 0x0E
    case exception = 0x18
    case exhibit = 0x05
    case abort = 0x11
    case help = 0x07

    /// The key as keyboards name it.
    package var name: String { "Ctrl-" + String(UnicodeScalar(rawValue + 0x40)) }

    var label: String {
        switch self {
        case .pause: "pause"
        case .note: "note"
        case .exception: "exception"
        case .exhibit: "exhibit"
        case .abort: "abort"
        case .help: "help"
        }
    }

    var explanation: String {
        switch self {
        case .pause: "Nothing happens until somebody says so. Ctrl-C does the same."
        case .note: "What anybody in the room wants on record. It changes nothing."
        case .exception:
            "Something was not as the script has it: who says so, what, why, and what was done about it. The next quorum signs it."
        case .exhibit: "A file, such as a photograph or an HSM's own log, is added to the evidence."
        case .abort: "The ceremony goes no further: only its close is left to be signed. Safe at any step."
        case .help: "This page."
        }
    }

    /// All of them in one paragraph.
    static let reminder = Paragraph(
        allCases.map { "^\(UnicodeScalar($0.rawValue + 0x40)):\($0.label)" }.joined(separator: "  "), lead: "Keys  ",
        style: .faint)
}
