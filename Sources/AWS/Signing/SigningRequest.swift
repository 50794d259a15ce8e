package import CryptoPrimitives

/// The parts of an HTTP request that a signature covers, as they are on the wire.
package struct SigningRequest: Sendable {
    /// A header, which is signed with its name in lower case.
    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package let method: String
    /// The path of the request line, without the query; empty stands for `/`.
    package let path: String
    /// What follows `?` in the request line, without it; empty if nothing does.
    package let query: String
    /// In the order of the wire; names may come twice.
    package let headers: [Header]
    package let payloadSHA256: SHA256Digest

    package init(method: String, path: String, query: String = "", headers: [Header], payloadSHA256: SHA256Digest) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payloadSHA256 = payloadSHA256
    }

    /// The same request with more headers at its end.
    package func adding(_ more: [Header]) -> SigningRequest {
        SigningRequest(
            method: method, path: path, query: query, headers: headers + more, payloadSHA256: payloadSHA256)
    }

    /// Every value of a header, in order; names are compared without case.
    package func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
