import Foundation

/// Where a service is reached: over TLS, or without it on this machine alone.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// `http` is for this machine alone.
    package enum Scheme: String, Hashable, Sendable {
        case http
        case https

        fileprivate var defaultPort: Int { self == .http ? 80 : 443 }
    }

    package let scheme: Scheme
    /// Lowercase; an IPv6 address without its brackets.
    package let host: String
    package let port: Int

    /// - Parameter url: `https://host[:port]`, or `http://` for a loopback host; no path, query or user.
    /// - Throws: `AWSError.configuration` saying what is wrong with it.
    package init(_ url: String) throws {
        func refusal(_ reason: String) -> AWSError {
            .configuration("\"\(Printable.text(url, limit: 200))\" cannot be an endpoint: \(reason)")
        }
        guard let parts = URLComponents(string: url), let scheme = parts.scheme.flatMap(Scheme.init(rawValue:)) else {
            throw refusal("it must start with https://")
        }
        // The URL is not quoted where it may hold a password.
        guard parts.user == nil, parts.password == nil else {
            throw AWSError.configuration("an endpoint must not name a user or a password")
        }
        guard parts.query == nil, parts.fragment == nil, ["", "/"].contains(parts.path) else {
            throw refusal("it must end with the host or the port")
        }
        guard let host = parts.host.map(HostName.bare), HostName.isPlausible(host) else {
            throw refusal("it names no host")
        }
        let port = parts.port ?? scheme.defaultPort
        guard (1...65_535).contains(port) else { throw refusal("a port is 1 to 65535") }
        (self.scheme, self.host, self.port) = (scheme, host, port)
        guard scheme == .https || isLoopback else {
            throw refusal("plain HTTP is for this machine's loopback addresses alone")
        }
    }

    /// A server whose answers prove themselves, or that is known to be beside this machine: plain HTTP may lead to it.
    init(selfProving scheme: Scheme, host: String, port: Int?) {
        (self.scheme, self.host, self.port) = (scheme, host, port ?? scheme.defaultPort)
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 in full, or `::1`.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127"
            && numbers.allSatisfy { UInt8($0).map(String.init) == String($0) }
    }

    /// The value of the header `Host`: the port is left out where it is the scheme's own.
    package var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    package var description: String { "\(scheme.rawValue)://\(hostHeader)" }
}
