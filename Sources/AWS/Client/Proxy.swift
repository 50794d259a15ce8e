import Foundation

/// An HTTP proxy that is asked to CONNECT. It sees host names and traffic's size; TLS runs through it end to end.
package struct Proxy: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    /// - Parameter url: `http://host:port`, or as `HTTPS_PROXY` may have it without the scheme; port 80 by default.
    /// - Throws: `AWSError.configuration` saying what is wrong with it, and no password.
    package init(_ url: String) throws {
        let whole = url.hasPrefix("//") ? "http:" + url : url.contains("://") ? url : "http://" + url
        guard !whole.contains("@") else {
            throw AWSError.configuration("the proxy must not name a user or a password: Keyrite keeps none for it")
        }
        func refusal(_ reason: String) -> AWSError {
            .configuration("\"\(Printable.text(url, limit: 200))\" cannot be a proxy: \(reason)")
        }
        guard let parts = URLComponents(string: whole), parts.scheme == "http" else {
            throw refusal("write http://host:port; it is spoken to in plain HTTP, and TLS runs through it")
        }
        guard parts.query == nil, parts.fragment == nil, ["", "/"].contains(parts.path) else {
            throw refusal("it must end with the host or the port")
        }
        guard let host = parts.host.map(HostName.bare), HostName.isPlausible(host) else {
            throw refusal("it names no host")
        }
        let port = parts.port ?? 80
        guard (1...65_535).contains(port) else { throw refusal("a port is 1 to 65535") }
        (self.host, self.port) = (host, port)
    }

    package var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
