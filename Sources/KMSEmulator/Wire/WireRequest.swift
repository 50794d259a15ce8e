import AWS
import CryptoPrimitives

/// An HTTP request as it came, whole.
struct WireRequest: Sendable {
    let head: SigningRequest
    let body: [UInt8]
    /// Where it came from.
    let address: String

    /// - Parameters:
    ///   - target: Path and query, as in the request line.
    ///   - address: Of the caller.
    init(
        method: String, target: String, headers: [SigningRequest.Header], body: [UInt8], address: String = "127.0.0.1"
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        head = SigningRequest(
            method: method, path: parts.first ?? "/", query: parts.count == 2 ? parts[1] : "", headers: headers,
            payloadSHA256: SHA256Digest(of: body))
        self.body = body
        self.address = address
    }

    /// The value of a header; nil unless it came exactly once.
    func header(_ name: String) -> String? {
        let values = head.values(of: name)
        return values.count == 1 ? values[0] : nil
    }

    /// Whether its Host is a loopback address or `localhost`, with or without a port.
    var callsThisMachine: Bool {
        // Without TLS there are no endpoints but these.
        header("Host").map { (try? Endpoint("http://" + $0)) != nil } ?? false
    }

    /// The media type of the body in lowercase, without parameters.
    var mediaType: String? {
        header("Content-Type")?.split(separator: ";").first?.lowercased().trimmingPrefix(" ").description
    }
}
