/// A proxy, and the hosts that are reached without it.
package struct ProxyRule: Hashable, Sendable, CustomStringConvertible {
    package let proxy: Proxy
    /// Host names, each of which stands for the names below it too; `*` alone for all.
    package let exceptions: [String]

    package init(proxy: Proxy, exceptions: [String]) {
        self.proxy = proxy
        self.exceptions = exceptions
    }

    /// - Parameter list: As `NO_PROXY` has it: names with commas between, each with or without a dot before it.
    package init(proxy: Proxy, exceptions list: String) {
        self.init(proxy: proxy, exceptions: list.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty })
    }

    /// `http://host:port`, with the exceptions after it.
    package var description: String {
        exceptions.isEmpty ? "\(proxy)" : "\(proxy) except \(exceptions.joined(separator: ", "))"
    }

    /// The proxy for an endpoint; nil for those that are reached without, as this machine always is.
    package func proxy(for endpoint: Endpoint) -> Proxy? {
        guard !endpoint.isLoopback, exceptions != ["*"] else { return nil }
        let names = [endpoint.host, "\(endpoint.host):\(endpoint.port)"]
        let isException = exceptions.contains { exception in
            let name = String(exception.lowercased().drop { $0 == "." })
            return names.contains { $0 == name || $0.hasSuffix("." + name) }
        }
        return isException ? nil : proxy
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(String(drop(while: isSpace).reversed()).drop(while: isSpace).reversed())
    }
}
