/// Host names as URLs have them.
enum HostName {
    /// Lowercase; an IPv6 address without its brackets.
    static func bare(_ host: String) -> String {
        let lower = host.lowercased()
        return lower.hasPrefix("[") && lower.hasSuffix("]") ? String(lower.dropFirst().dropLast()) : lower
    }

    /// Whether a bare name has characters that names and addresses have, and no other.
    static func isPlausible(_ host: String) -> Bool {
        !host.isEmpty && host.utf8.allSatisfy(isHostCharacter)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
