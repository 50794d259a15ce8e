import Foundation

/// Where a time-stamping authority is asked. Many are reached in plain HTTP alone: their answers are signed.
package struct TimeStampURL: Hashable, Sendable, CustomStringConvertible {
    let endpoint: Endpoint
    /// Beginning with `/`; with its query, if there is one.
    let path: String

    /// - Parameter url: `http://` or `https://`, a host, and a path if the authority has one; no user, no fragment.
    /// - Throws: `AWSError.configuration` saying what is wrong with it.
    package init(_ url: String) throws {
        func refusal(_ reason: String) -> AWSError {
            .configuration("\"\(Printable.text(url, limit: 200))\" cannot be a time stamp authority: \(reason)")
        }
        guard let parts = URLComponents(string: url), let scheme = parts.scheme.flatMap(Endpoint.Scheme.init(rawValue:))
        else { throw refusal("it must start with http:// or https://") }
        // The URL is not quoted where it may hold a password.
        guard parts.user == nil, parts.password == nil else {
            throw AWSError.configuration("a time stamp authority's URL must not name a user or a password")
        }
        guard parts.fragment == nil, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") })
        else { throw refusal("it has a fragment, or what no URL has") }
        guard let host = parts.host.map(HostName.bare), HostName.isPlausible(host) else {
            throw refusal("it names no host")
        }
        guard (1...65_535).contains(parts.port ?? 1) else { throw refusal("a port is 1 to 65535") }
        endpoint = Endpoint(selfProving: scheme, host: host, port: parts.port)
        let query = parts.percentEncodedQuery.map { "?" + $0 } ?? ""
        path = (parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath) + query
    }

    /// Whether the authority is on this machine.
    package var isLoopback: Bool { endpoint.isLoopback }

    /// Without its query, which may hold what is nobody else's business.
    package var description: String {
        let path = path.prefix { $0 != "?" }
        return "\(endpoint)\(path == "/" ? "" : path)"
    }
}
