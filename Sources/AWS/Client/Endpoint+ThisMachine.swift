import Glibc

extension Endpoint {
    /// Whether the host is this machine, or may be: in any writing of its addresses, by any name that is kept for it
    /// (RFC 6761, 6.3; Debian's /etc/hosts). For those who must not be led here; who may be asks `isLoopback`.
    package var mayBeThisMachine: Bool {
        if let address = ipv4 { return Self.isHere(address) }
        if let address = ipv6 { return Self.isHere(address) }
        let labels = host.split(separator: ".")
        return ["localhost", "ip6-localhost", "ip6-loopback"].contains(labels.last)
            || labels == ["localhost", "localdomain"]
    }

    /// Four bytes, also of `127.1`, `0x7f000001` and whatever else resolvers take for an address.
    private var ipv4: [UInt8]? {
        var address = in_addr()
        guard inet_aton(host, &address) != 0 else { return nil }
        return withUnsafeBytes(of: &address.s_addr, Array.init)
    }

    private var ipv6: [UInt8]? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, host, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address, Array.init)
    }

    /// 127.0.0.0/8, and 0.0.0.0/8, by which Linux reaches itself; `::1`, `::`, and the former within IPv6.
    private static func isHere(_ address: [UInt8]) -> Bool {
        guard address.count == 16 else { return [0, 127].contains(address.first) }
        let isEmbedded =
            address.prefix(10).allSatisfy { $0 == 0 } && [[0, 0], [0xFF, 0xFF]].contains(Array(address[10..<12]))
        return isEmbedded && isHere(Array(address.suffix(4)))
    }
}
