/// The machine that calls: an endpoint there is no service of AWS's.
enum OwnMachine {
    /// Names that are kept for it (RFC 6761, 6.3; Debian's /etc/hosts), whatever stands before them.
    private static let names: Set = ["localhost", "ip6-localhost", "ip6-loopback"]

    /// Whether an endpoint leads to the machine that calls it, or may: by a name, by 127.0.0.0/8 or 0.0.0.0/8, by an IPv6 address
    /// that begins with zeros, in which those may be embedded, or by an address in another writing than four numbers.
    ///
    /// - Parameter endpoint: It begins with `https://`.
    static func isNamed(by endpoint: String) -> Bool {
        let rest = endpoint.lowercased().dropFirst("https://".count)
        guard !rest.hasPrefix("[") else { return ["0", ":"].contains(rest.dropFirst().first) }
        let labels = rest.prefix { $0 != ":" && $0 != "/" }.split(separator: ".")
        guard let last = labels.last else { return true }
        if names.contains(String(last)) || labels == ["localhost", "localdomain"] { return true }
        guard last.utf8.allSatisfy(isDigit) || last.hasPrefix("0x") else { return false }
        let isPlain =
            labels.count == 4 && labels.allSatisfy { $0.utf8.allSatisfy(isDigit) && ($0 == "0" || !$0.hasPrefix("0")) }
        return !isPlain || ["0", "127"].contains(labels[0])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
