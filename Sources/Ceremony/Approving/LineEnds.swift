import Evidence

/// What editors and mail programs do to a decision on its way: a decision has no line feed at its end, and a signature's lines
/// end in line feeds alone. It is not undone here, since the bytes are the evidence: people are told.
package struct LineEnds {
    private static let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

    private let returned: ReturnedApproval
    /// The decision without what was added to its end.
    package let bytes: [UInt8]
    /// The signature with the line ends that ssh-keygen writes.
    package let signature: [UInt8]

    package init(_ returned: ReturnedApproval) {
        self.returned = returned
        func trimmed(_ bytes: [UInt8]) -> [UInt8] {
            Array(bytes[..<((bytes.lastIndex { ![Self.lineFeed, Self.carriageReturn].contains($0) } ?? -1) + 1)])
        }
        bytes = trimmed(returned.bytes)
        signature = trimmed(returned.signature).filter { $0 != Self.carriageReturn } + [Self.lineFeed]
    }

    /// Whether something was done to them.
    package var areChanged: Bool { bytes != returned.bytes || signature != returned.signature }

    /// - Parameter holds: Whether the two would count with the line ends that they should have.
    /// - Returns: What to do; nil where line ends are not what is wrong.
    package func remedy(holds: Bool) -> String? {
        let (added, file) = (returned.bytes.count - bytes.count, returned.file)
        guard added > 0 || holds else { return nil }
        var steps: [String] = []
        if added > 0 {
            let what = returned.bytes[bytes.count...].contains(Self.carriageReturn) ? "CR LF" : "a line feed"
            steps.append(
                "\(file) ends in \(what), which an editor or a mail program adds and no decision has. Take it off with: "
                    + "truncate -s -\(added) \(ShellWord.quoted(file))")
        }
        if signature != returned.signature, holds {
            steps.append(
                "\(file).sig has other line ends than ssh-keygen writes. Write it anew with: "
                    + "printf '%s\\n' \"$(tr -d '\\r' < \(ShellWord.quoted(file + ".sig")))\" > new && mv new \(ShellWord.quoted(file + ".sig"))"
            )
        }
        let then = holds ? "import it again" : "sign it again, and import that"
        return steps.joined(separator: ". ") + ". Then " + then
    }
}
